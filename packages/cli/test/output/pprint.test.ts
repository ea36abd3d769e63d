import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pprint, type PythonValue } from '../../src/output/pprint.js';

const map = (entries: Record<string, PythonValue>): ReadonlyMap<string, PythonValue> => new Map(Object.entries(entries));
const lfn = '/vo/user/a/alice/data.bin';
const answer = (failed: Record<string, PythonValue>, successful: Record<string, PythonValue>): PythonValue =>
  map({ Failed: map(failed), Successful: map(successful) });

/** Every expected text was printed by `pprint.pprint` of Python 3.11. */
describe('text as Python pprint writes it', () => {
  it('writes an empty text that does not fit as an empty text', () => {
    expect(pprint(map({ ['k'.repeat(80)]: '' }))).toBe(`{'${'k'.repeat(80)}': ''}`);
  });

  it('keeps on one line what fits into 80 columns', () => {
    expect(pprint(answer({}, {}))).toBe("{'Failed': {}, 'Successful': {}}");
    expect(pprint(answer({}, { [lfn]: '/home/a' }))).toBe(`{'Failed': {}, 'Successful': {'/vo/user/a/alice/data.bin': '/home/a'}}`);
  });

  it('puts each entry on its own line when the whole does not fit', () => {
    expect(pprint(answer({}, { [lfn]: `s3://s3.example.org/bucket${lfn}` }))).toBe(
      `{'Failed': {},
 'Successful': {'/vo/user/a/alice/data.bin': 's3://s3.example.org/bucket/vo/user/a/alice/data.bin'}}`,
    );
  });

  it('breaks a long text between words only', () => {
    const reason = 'Permission denied: this needs Read on the directory /vo/user/a/alice, and you are not the owner of it';
    expect(pprint(answer({ [lfn]: reason }, {}))).toBe(
      `{'Failed': {'/vo/user/a/alice/data.bin': 'Permission denied: this needs Read '
                                         'on the directory /vo/user/a/alice, '
                                         'and you are not the owner of it'},
 'Successful': {}}`,
    );
    const url = '/demo/user/a/alice/run42/a-rather-long-directory-name/events-of-the-whole-year.bin';
    expect(pprint(answer({}, { [url]: `s3://s3.example.org:9000/bucket${url}` }))).toBe(
      `{'Failed': {},
 'Successful': {'${url}': 's3://s3.example.org:9000/bucket${url}'}}`,
    );
  });

  it('writes an empty text even where there is no room left', () => {
    const name = '/vo/user/a/alice/a-rather-long-name-a-rather-long-name-of-a-file.bin';
    const facts = map({ Checksum: '', Size: 1, Status: 'AprioriGood' });
    const column = ' '.repeat(89);
    expect(pprint(answer({}, { [name]: facts }))).toBe(
      `{'Failed': {},
 'Successful': {'${name}': {'Checksum': '',
${column}'Size': 1,
${column}'Status': 'AprioriGood'}}}`,
    );
  });

  it('breaks a text after its line ends first', () => {
    const text = 'first line of a message\nsecond line of a message that is quite a bit longer than the first one was\n';
    expect(pprint(answer({ [lfn]: text }, { '/x': new Date('2026-01-02T00:00:00Z') }))).toBe(
      String.raw`{'Failed': {'/vo/user/a/alice/data.bin': 'first line of a message\n'
                                         'second line of a message that is '
                                         'quite a bit longer than the first '
                                         'one was\n'},
 'Successful': {'/x': datetime.datetime(2026, 1, 2, 0, 0)}}`,
    );
  });

  it('chooses the quotes as Python does', () => {
    expect(pprint(answer({ [lfn]: "No such file or directory: it's gone" }, {}))).toBe(
      `{'Failed': {'/vo/user/a/alice/data.bin': "No such file or directory: it's "
                                         'gone'},
 'Successful': {}}`,
    );
    expect(pprint(answer({ [lfn]: 'he said "no", it\'s over' }, {}))).toBe(
      String.raw`{'Failed': {'/vo/user/a/alice/data.bin': 'he said "no", it\'s over'},
 'Successful': {}}`,
    );
  });

  it('writes numbers, truth, nothing and instants as Python does, keys sorted', () => {
    const facts = map({
      Size: 12,
      Checksum: '0a1b2c3d',
      CreationDate: new Date('2026-11-24T04:25:33.788Z'),
      ModificationDate: new Date('2026-11-24T04:25:00Z'),
      Mode: 493,
      Owner: 'alice',
      OwnerGroup: 'demo_user',
      Status: 'AprioriGood',
      None: null,
      Flag: true,
    });
    expect(pprint(answer({}, { [lfn]: facts }))).toBe(
      `{'Failed': {},
 'Successful': {'/vo/user/a/alice/data.bin': {'Checksum': '0a1b2c3d',
                                              'CreationDate': datetime.datetime(2026, 11, 24, 4, 25, 33, 788000),
                                              'Flag': True,
                                              'Mode': 493,
                                              'ModificationDate': datetime.datetime(2026, 11, 24, 4, 25),
                                              'None': None,
                                              'Owner': 'alice',
                                              'OwnerGroup': 'demo_user',
                                              'Size': 12,
                                              'Status': 'AprioriGood'}}}`,
    );
    expect(pprint(new Date('2026-11-24T04:25:33Z'))).toBe('datetime.datetime(2026, 11, 24, 4, 25, 33)');
    expect(pprint(false)).toBe('False');
  });

  it('escapes what Python finds unprintable and sorts by code points', () => {
    expect(pprint(answer({}, { '/b': 'x', '/a': 'y', '/B': 'z', '/é': 'w', '/a\u00a0b': 'tab\tnew\nline \\ \u0001 \u2028 😀' }))).toBe(
      String.raw`{'Failed': {},
 'Successful': {'/B': 'z',
                '/a': 'y',
                '/a\xa0b': 'tab\tnew\nline \\ \x01 \u2028 😀',
                '/b': 'x',
                '/é': 'w'}}`,
    );
    expect(pprint('\u{e0001}\ud800')).toBe(String.raw`'\U000e0001\ud800'`);
  });

  it('loses no character of a text, however it is broken', () => {
    const word = fc.stringMatching(/^[a-z'"\\/. ]{0,120}$/);
    fc.assert(
      fc.property(word, word, (key, text) => {
        const printed = pprint(map({ [`k${key}`]: text }));
        const literals = [...printed.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)].map((match) =>
          (match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1'),
        );
        expect(literals.slice(1).join('')).toBe(text);
        expect(literals[0]).toBe(`k${key}`);
      }),
    );
  });
});
