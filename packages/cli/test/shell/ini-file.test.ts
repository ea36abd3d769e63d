import { describe, expect, it } from '@jest/globals';
import { parseIni, writeIni } from '../../src/shell/ini-file.js';

const read = (text: string): unknown =>
  Object.fromEntries([...parseIni(text)].map(([name, options]) => [name, Object.fromEntries(options)]));

describe('the files of the short commands', () => {
  it('are read as configparser reads them', () => {
    expect(
      read(
        '# comment\n; comment\nlost = outside\n[global]\nDefault_Profile = demo\nempty =\n\n[demo]\nhome_dir: /demo/user\naliases = a=b\n  c:d\nnonsense\n[global]\nmore=1\r\n',
      ),
    ).toEqual({ global: { default_profile: 'demo', empty: '', more: '1' }, demo: { home_dir: '/demo/user', aliases: 'a=b\nc:d' } });
  });

  it('are written so that they are read the same', () => {
    const sections = new Map([
      ['global', new Map([['default_profile', 'demo']])],
      [
        'demo',
        new Map([
          ['replication_scheme', 'first(2)'],
          ['aliases', 'a\nb'],
        ]),
      ],
    ]);
    expect(writeIni(sections)).toBe('[global]\ndefault_profile = demo\n\n[demo]\nreplication_scheme = first(2)\naliases = a\n\tb\n\n');
    expect(parseIni(writeIni(sections))).toEqual(sections);
  });

  it('hold names that are no trap', () => {
    expect(parseIni('[__proto__]\nconstructor = 1\n').get('__proto__')?.get('constructor')).toBe('1');
    expect(parseIni('')).toEqual(new Map());
  });
});
