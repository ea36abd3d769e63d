import { describe, expect, test } from '@jest/globals';
import { CfgOption, formatRemark, parseCfg, type CfgSection } from '../../../src/config/index.js';

type Plain = [name: string, content: string | Plain][];

function plain(section: CfgSection): Plain {
  return [...section.entries.values()].map((entry) => [entry.name, entry instanceof CfgOption ? entry.value : plain(entry)]);
}

/** The tree of a text that has no errors. */
function read(text: string): Plain {
  const { tree, errors } = parseCfg(text, { file: 'dirac.cfg' });
  expect(errors.map(formatRemark)).toEqual([]);
  return plain(tree);
}

function errorsOf(text: string): string[] {
  return parseCfg(text, { file: 'dirac.cfg' }).errors.map(formatRemark);
}

describe('every valid text is read as DIRAC reads it', () => {
  test.each<[string, Plain]>([
    [
      'a = 1\nb=2\n  c   =   3  ',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    ['my opt = v w', [['my opt', 'v w']]],
    ['a = b=c=d', [['a', 'b=c=d']]],
    ['a = {x}', [['a', '{x}']]],
    ['a = {', [['a', '{']]],
    ['a = "x, y"', [['a', '"x, y"']]],
    ["a = 'x'", [['a', "'x'"]]],
    ['a = x\\', [['a', 'x\\']]],
    ['a = 1 # note', [['a', '1 # note']]],
    ['S # hi\n{\n}', [['S # hi', []]]],
    ['S {\na = 1\n}', [['S', [['a', '1']]]]],
    ['S\n{\na = 1\n}', [['S', [['a', '1']]]]],
    ['S\n# why\n\n{\n}', [['S', []]]],
    [
      'A { B { } } C { }',
      [
        ['A', [['B', []]]],
        ['C', []],
      ],
    ],
    ['a = 1\na += 2\na += 3,4', [['a', '1, 2, 3,4']]],
    ['a=1\na+=2', [['a', '1, 2']]],
    ['a = 1\na += b += c', [['a', '1, b += c']]],
    ['a =\na += 2', [['a', ', 2']]],
    ['a + = 2', [['a +', '2']]],
    ['a -= 1', [['a -', '1']]],
    ['a = b += c', [['a', 'b += c']]],
    [
      'a = 1\nb = 2\na = 3',
      [
        ['a', '3'],
        ['b', '2'],
      ],
    ],
    ['a =', [['a', '']]],
    [
      'S\n{\n}\nS/a = 1\n/S//b = 2',
      [
        [
          'S',
          [
            ['a', '1'],
            ['b', '2'],
          ],
        ],
      ],
    ],
    ['S\n{\na = 1\n}\nS/a += 2', [['S', [['a', '1, 2']]]]],
    ['S\n{\n}\nS/T\n{\na = 1\n}', [['S', [['T', [['a', '1']]]]]]],
    ['ключ = значение', [['ключ', 'значение']]],
    [
      'a = 1\r\nS\r\n{\r\n  b = 2\r\n}\r\n',
      [
        ['a', '1'],
        ['S', [['b', '2']]],
      ],
    ],
    ['\u00a0a\u2003=\u30001\x85', [['a', '1']]],
    ['a = 1\u200b', [['a', '1\u200b']]],
    ['', []],
    ['# only a comment', []],
  ])('%j', (text, tree) => {
    expect(read(text)).toEqual(tree);
  });

  test('a comment belongs to the entry below it, without its "#" characters', () => {
    const { tree } = parseCfg('# one # two\n#\nS\n## inside\n{\n# of b\nb = 1\n# at the end\n}\nc = 2\n# lost', { file: 'f' });
    expect(tree.section('S')?.comment).toBe(' one  two\n\n inside\n');
    expect(tree.option('S/b')?.comment).toBe(' of b\n');
    expect(tree.option('c')?.comment).toBe(' at the end\n');
  });

  test('an option that is set again takes the comment of the last one', () => {
    expect(parseCfg('# old\na = 1\n# new\na = 2', { file: 'f' }).tree.option('a')?.comment).toBe(' new\n');
  });

  test('every entry knows where it was read', () => {
    const { tree } = parseCfg('S {\n\n   a b = 1\n T\n {\n }\n}', { file: '/etc/dirac.cfg' });
    expect(tree.section('S')?.source).toBe('/etc/dirac.cfg:1:1');
    expect(tree.option('S/a b')?.source).toBe('/etc/dirac.cfg:3:4');
    expect(tree.section('S/T')?.source).toBe('/etc/dirac.cfg:4:2');
  });

  test('paths ignore empty components and spaces around them', () => {
    const { tree } = parseCfg('T\n{\nc = 1\n}', { file: 'f' });
    for (const path of ['/T/c', 'T//c/', ' / T / c ']) expect(tree.option(path)?.value).toBe('1');
    expect(tree.option('T')).toBeUndefined();
    expect(tree.section('T/c')).toBeUndefined();
    expect(tree.option('T/c/d')).toBeUndefined();
    expect(tree.section('/')).toBe(tree);
  });
});

describe('silent traps and faults are errors with their place and reason', () => {
  test.each<[string, ...RegExp[]]>([
    // Braces that an option takes with it.
    ['S\n{\n  a = 1 }\n', /^dirac\.cfg:3:9: \/S\/a: this "}" is part of the value/],
    ['S\n{\n T\n {\n  a = 1 }\n}\n', /^dirac\.cfg:5:9: \/S\/T\/a: this "}" is part of the value/],
    ['S { a = 1 }\n', /^dirac\.cfg:1:5: \/S\/a: an option must stand on its own line/],
    ['S { a = 1\n}\n', /^dirac\.cfg:1:5: .*own line/],
    ['S\n{\n} a = 1\n', /^dirac\.cfg:3:3: \/a: an option must stand on its own line/],
    ['a{b = 1\n}\n', /^dirac\.cfg:1:3: \/a\/b: an option must stand on its own line/],
    ['S { a += 1 }', /"\+=" appends to an option set above/, /own line/],
    // Text that belongs to nothing.
    ['Foo\nBar\n{\n}', /^dirac\.cfg:1:1: \/: stray text.*join it to the name of the section that follows$/],
    ['S\n{\n} # end\nT\n{\n}', /^dirac\.cfg:3:3: \/: stray text/],
    ['S\n{\n  garbage\n}\nT\n{\n}', /^dirac\.cfg:3:3: \/S: stray text.*part of the name of the next section$/],
    ['garbage\na = 1', /^dirac\.cfg:1:1: \/: stray text.*drop it silently$/],
    ['a = 1\n  ; x\n', /^dirac\.cfg:2:3: \/: stray text/],
    ['@@-admin\na = 1', /stray text/],
    ['S\n{\nx}\n', /^dirac\.cfg:3:1: \/S: stray text/],
    // One name, two things.
    ['a = 1\na\n{\n}', /^dirac\.cfg:2:1: \/a: "a" is an option already \(dirac\.cfg:1:1\)/],
    ['a\n{\n}\na = 1', /^dirac\.cfg:4:1: \/a: "a" is a section already \(dirac\.cfg:1:1\), which DIRAC would replace/],
    ['S\n{\n}\nS\n{\n}', /^dirac\.cfg:4:1: \/S: section "S" is there already \(dirac\.cfg:1:1\)/],
    ['a = 1\na/b = 2', /^dirac\.cfg:2:1: \/a\/b: there is no section "a" above/],
    // Parents that are not there.
    ['S/a = 1', /^dirac\.cfg:1:1: \/S\/a: there is no section "S" above to put it into$/],
    ['S/T\n{\n}', /^dirac\.cfg:1:1: \/S\/T: there is no section "S" above/],
    ['a += 2', /^dirac\.cfg:1:1: \/a: "\+=" appends to an option set above it in the same section of the same file, and there is none$/],
    ['a = 1\nS\n{\n a += 2\n}', /^dirac\.cfg:4:2: \/S\/a: "\+="/],
    ['S\n{\n}\nS += 2', /"S" is a section already/],
    // Names and balance.
    ['= 3', /^dirac\.cfg:1:1: \/: an option without a name before its "="$/],
    ['+= 3', /an option without a name/],
    ['/ = 3', /an option without a name/],
    ['{\n}', /^dirac\.cfg:1:1: \/: a "{" without a section name before it$/],
    ['/\n{\n}', /the name is empty/],
    ['}', /^dirac\.cfg:1:1: \/: a "}" closes more than was opened$/],
    ['A\n{\n  B\n  {\n  }\n', /^dirac\.cfg:1:1: \/A: this section is opened but never closed$/],
    ['\ufeffa = 1', /^dirac\.cfg:1:1: \/: the file starts with a byte order mark/],
  ])('%j', (text, ...reasons) => {
    const errors = errorsOf(text);
    expect(errors).toHaveLength(reasons.length);
    for (const [index, reason] of reasons.entries()) expect(errors[index]).toMatch(reason);
  });

  test('all faults of a file are told at once', () => {
    const errors = errorsOf('stray\na = 1\n= 2\nS\n{\n  b += 1\n}\nS\n{\n  c = 1\n}\n}\n');
    expect(errors.map((error) => error.split(': ')[0])).toEqual([
      'dirac.cfg:1:1',
      'dirac.cfg:3:1',
      'dirac.cfg:6:3',
      'dirac.cfg:8:1',
      'dirac.cfg:12:1',
    ]);
  });

  test('a message never quotes what may be a secret: values and stray text', () => {
    const secret = 'wJalrXUtnFEMI';
    const texts = [
      `Aws_secret_access_key\n${secret}\n`,
      `Aws_secret_access_key ${secret}\n`,
      `S {\nAws_secret_access_key = ${secret} }\n`,
      `S { Aws_secret_access_key = ${secret} }`,
    ];
    for (const text of texts) {
      const { errors, warnings } = parseCfg(text, { file: 'f' });
      expect(errors.length).toBeGreaterThan(0);
      expect(JSON.stringify([errors, warnings])).not.toContain(secret);
    }
  });
});

describe('what DIRAC accepts but hardly anybody means is a warning', () => {
  const warningsOf = (text: string): string[] => {
    const { warnings, errors } = parseCfg(text, { file: 'f' });
    expect(errors).toEqual([]);
    return warnings.map(formatRemark);
  };

  test('a "}" at the end of a value where all sections are closed nevertheless', () => {
    expect(warningsOf('S\n{\n  a = 1 }\n}\n')).toEqual([expect.stringMatching(/^f:3:9: \/S\/a: this "}" is part of the value/)]);
    expect(warningsOf('a = {x}\nb = }{\n')).toEqual([]);
  });

  test('a "#" in the name of a section', () => {
    expect(warningsOf('S # hi\n{\n}')).toEqual([expect.stringMatching(/^f:1:1: .*no trailing comments/)]);
  });

  test('an option that is set twice', () => {
    expect(warningsOf('a = 1\na = 2')).toEqual(['f:2:1: /a: set before (f:1:1); the last one counts']);
  });
});
