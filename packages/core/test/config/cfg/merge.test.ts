import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatRemark, mergeCfg, parseCfg, serializeCfg, type CfgSection } from '../../../src/config/index.js';

const parse = (text: string, file: string): CfgSection => parseCfg(text, { file }).tree;
const merge = (base: string, override: string) => mergeCfg(parse(base, 'base.cfg'), parse(override, 'over.cfg'));

describe('mergeCfg', () => {
  test('overrides option by option, with an empty value too', () => {
    const { tree, errors } = merge('a = 1\nb = 2\nS\n{\nc = 3\nd = 4\n}', 'b =\nS\n{\nd = 5\ne = 6\n}');
    expect(errors).toEqual([]);
    expect(serializeCfg(tree)).toBe('a = 1\nb =\nS\n{\n  c = 3\n  d = 5\n  e = 6\n}\n');
  });

  test('replaces lists and never joins them', () => {
    expect(merge('a = 1, 2', 'a = 3').tree.option('a')?.value).toBe('3');
  });

  test('puts options first, then the sections of the base, then new ones', () => {
    const { tree } = merge('S\n{\n}\na = 1', 'T\n{\n}\nb = 2\nS\n{\n}');
    expect([...tree.entries.keys()]).toEqual(['a', 'b', 'S', 'T']);
  });

  test('keeps empty sections', () => {
    expect([...merge('S\n{\n}', 'T\n{\n}').tree.entries.keys()]).toEqual(['S', 'T']);
  });

  test('every option remembers the file it came from', () => {
    const { tree } = merge('a = 1\nb = 2', 'b = 3');
    expect(tree.option('a')?.source).toBe('base.cfg:1:1');
    expect(tree.option('b')?.source).toBe('over.cfg:1:1');
  });

  test.each([
    ['S\n{\na = 1\n}', 'S\n{\na\n{\n}\n}', 'over.cfg:3:1: /S/a: a section here, but an option in base.cfg:3:1; one name cannot be both'],
    ['S\n{\na\n{\n}\n}', 'S\n{\na = 1\n}', 'over.cfg:3:1: /S/a: an option here, but a section in base.cfg:3:1; one name cannot be both'],
  ])('a name that is option and section is an error naming both places (%j, %j)', (base, override, message) => {
    const { tree, errors } = merge(base, override);
    expect(errors.map(formatRemark)).toEqual([message]);
    expect(tree.section('S')?.entries.get('a')).toStrictEqual(parse(base, 'base.cfg').section('S')?.entries.get('a'));
  });

  test('changes neither of its arguments', () => {
    const base = parse('a = 1\nS\n{\nb = 1\n}', 'base.cfg');
    const override = parse('a = 2\nS\n{\nc = 1\n}\nT\n{\n}', 'over.cfg');
    const before = [serializeCfg(base), serializeCfg(override)];
    mergeCfg(base, override);
    expect([serializeCfg(base), serializeCfg(override)]).toEqual(before);
  });

  test('is associative where nothing clashes, as layers need', () => {
    const option = fc.tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom('S', 'T', 'S/U'),
      fc.string({ unit: fc.constantFrom('1', '2', ',') }),
    );
    const tree = fc.array(option, { maxLength: 6 }).map((options) => {
      const head = 'S\n{\nU\n{\n}\n}\nT\n{\n}\n';
      return parse(head + options.map(([key, section, text]) => `${section}/${key} = ${text}\n`).join(''), 'f');
    });
    fc.assert(
      fc.property(tree, tree, tree, (one, two, three) => {
        const left = mergeCfg(mergeCfg(one, two).tree, three).tree;
        const right = mergeCfg(one, mergeCfg(two, three).tree).tree;
        expect(serializeCfg(left)).toBe(serializeCfg(right));
      }),
    );
  });
});
