import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CfgOption, CfgSection, parseCfg, serializeCfg } from '../../../src/config/index.js';

/** Everything of a tree except where it was read. */
function facts(section: CfgSection): unknown {
  return [...section.entries.values()].map((entry) =>
    entry instanceof CfgOption ? [entry.name, entry.value, entry.comment] : [entry.name, facts(entry), entry.comment],
  );
}

const isOuterSpace = (text: string): boolean => /^[\s\x1c-\x1f\x85\ufeff]|[\s\x1c-\x1f\x85\ufeff]$/.test(text);
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[{}=/\n]/.test(text) && !isOuterSpace(text));
const value = fc
  .oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[a-c,+={}"# ]{0,12}$/))
  .filter((text) => !text.includes('\n') && !isOuterSpace(text));
const comment = fc
  .array(
    fc.string({ maxLength: 10 }).filter((text) => !/[#\n]/.test(text) && !isOuterSpace(`.${text}`)),
    { maxLength: 2 },
  )
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

const { tree: anyTree } = fc.letrec<{ tree: CfgSection; entry: CfgOption | CfgSection }>((tie) => ({
  tree: fc.array(tie('entry'), { maxLength: 4 }).map((entries) => fill(new CfgSection(), entries)),
  entry: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ name, value, comment }).map((option) => new CfgOption(option.name, option.value, option)),
    fc
      .record({ name, comment, tree: tie('tree') })
      .map((section) => fill(new CfgSection(section.name, section), section.tree.entries.values())),
  ),
}));

function fill(section: CfgSection, entries: Iterable<CfgOption | CfgSection>): CfgSection {
  for (const entry of entries) section.set(entry);
  return section;
}

describe('serializeCfg', () => {
  test('what it writes is read back as the same tree, in the same order', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const { tree: again, errors } = parseCfg(serializeCfg(tree), { file: 'f' });
        expect(errors).toEqual([]);
        expect(facts(again)).toEqual(facts(tree));
      }),
      { numRuns: 500 },
    );
  });

  test('writing is stable: what was read is written the same again', () => {
    fc.assert(
      fc.property(anyTree, (tree) => {
        const text = serializeCfg(tree);
        expect(serializeCfg(parseCfg(text, { file: 'f' }).tree)).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  test('any text that parses without an error survives the round trip', () => {
    const piece = fc.constantFrom('S', 'T', 'a', 'b', '{', '}', '\n', ' = ', '+=', '=', 'x, y', '"x,y"', '# c', '/', ' ', '{x}', '\r\n');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const { tree, errors } = parseCfg(pieces.join(''), { file: 'f' });
        fc.pre(errors.length === 0);
        expect(facts(parseCfg(serializeCfg(tree), { file: 'f' }).tree)).toEqual(facts(tree));
      }),
      { numRuns: 500 },
    );
  });

  test('writes a value that was appended to with nothing as it was read', () => {
    const text = 'a =\na +=\nb = x\nb +=\nb +=\nc = x,  y\nc +=\n';
    const { tree } = parseCfg(text, { file: 'f' });
    expect(['a', 'b', 'c'].map((name) => tree.option(name)?.value)).toEqual([', ', 'x, , ', 'x,  y, ']);
    expect(serializeCfg(tree)).toBe(text);
  });

  test("writes DIRAC's layout", () => {
    const { tree } = parseCfg('# about S\nS{\nlist = a, b, c\nT\n{\nempty =\n}\n}\n', { file: 'f' });
    expect(serializeCfg(tree)).toBe(
      ['# about S', 'S', '{', '  list = a', '  list += b', '  list += c', '  T', '  {', '    empty =', '  }', '}', ''].join('\n'),
    );
  });

  test.each(['"x, y" z', 'x,y', 'a,, b', ', a', 'a,', 'a,  b', 'a , b'])(
    'keeps %j on one line, because as a list it would come back changed',
    (text) => {
      const tree = new CfgSection();
      tree.set(new CfgOption('a', text));
      const written = serializeCfg(tree);
      if (text === '"x, y" z') expect(written).toBe('a = "x\na += y" z\n');
      else expect(written).toBe(`a = ${text}\n`);
      expect(parseCfg(written, { file: 'f' }).tree.option('a')?.value).toBe(text);
    },
  );

  test.each([
    ['a', 'two\nlines'],
    ['a', ' outer'],
    ['a', 'outer\u00a0'],
    ['', '1'],
    ['a=b', '1'],
    ['a/b', '1'],
    ['a{', '1'],
    [' a', '1'],
    ['a\nb', '1'],
  ])('refuses what the format cannot hold: option %j with value %j', (key, text) => {
    const tree = new CfgSection();
    tree.set(new CfgOption(key, text));
    expect(() => serializeCfg(tree)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  test('refuses comments that would become something else', () => {
    for (const text of ['no end of line', 'a # b\n', 'trailing \n']) {
      const tree = new CfgSection();
      tree.set(new CfgOption('a', '1', { comment: text }));
      expect(() => serializeCfg(tree)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    }
  });
});
