import { describe, expect, test } from '@jest/globals';
import {
  copyPair,
  effectiveLists,
  isSameStorage,
  negotiate,
  pluginSets,
  selectPlugins,
  transferPair,
  type ElementProtocols,
  type StoragePlugin,
  type WrittenLists,
} from '../../src/protocols/index.js';

/** The plug-ins and StorageElements of DIRAC's own test (`Resources/Storage/test/Test_StorageElement.py`). */
const plugins = {
  file: plugin('File', 'file', { input: ['file'], output: ['file'] }),
  srm: plugin('SRM2', 'srm', { input: ['file', 'root', 'srm'], output: ['file', 'root', 'dcap', 'gsidcap', 'rfio', 'srm'] }),
  xroot: plugin('XROOT', 'root', { input: ['file', 'root'], output: ['root'] }),
  gsiftp: plugin('GSIFTP', 'gsiftp', { input: ['file', 'gsiftp'], output: ['gsiftp'] }),
  plainRoot: plugin('RFIO', 'root', { input: ['root', 'file'], output: ['root'] }),
};
const operations: WrittenLists = { access: ['fakeProto', 'root'], write: ['srm'] };
const elements = {
  A: element('A', [plugins.file]),
  B: element('B', [plugins.srm]),
  C: element('C', [plugins.xroot]),
  D: element('D', [plugins.srm, plugins.xroot]),
  E: element('E', [plugins.srm, plugins.xroot], { write: ['root', 'srm'] }),
  X: element('X', [plugins.gsiftp, plugins.xroot], { write: ['gsiftp'], access: ['root'] }),
  Y: element('Y', [plugins.gsiftp, plugins.srm], { access: ['gsiftp', 'srm'] }),
  Z: element('Z', [plugins.plainRoot, plugins.srm], { access: ['root', 'srm'], write: ['root', 'srm'] }),
};
type Name = keyof typeof elements;

function plugin(section: string, protocol: string, { input, output }: { input: string[]; output: string[] }): StoragePlugin {
  return { section, plugin: section, protocol, access: 'remote', inputProtocols: input, outputProtocols: output };
}

function element(name: string, of: readonly StoragePlugin[], own: WrittenLists = {}): ElementProtocols {
  return { name, plugins: of, lists: effectiveLists(own, operations) };
}

const permutations = (names: readonly string[]): string[][] =>
  names.length < 2
    ? [[...names]]
    : names.flatMap((name) => permutations(names.filter((other) => other !== name)).map((rest) => [name, ...rest]));

describe('negotiation between StorageElements, as in DIRAC', () => {
  test.each<[Name, Name, string[] | undefined, string[]]>([
    ['A', 'B', undefined, ['file']],
    ['B', 'A', undefined, ['file']],
    ['A', 'C', undefined, []],
    ['C', 'A', undefined, ['file']],
    ['A', 'A', undefined, ['file']],
    ['B', 'B', undefined, ['file', 'root', 'srm']],
    ['C', 'B', undefined, ['file', 'root']],
    ['C', 'B', ['file'], ['file']],
    ['C', 'B', ['nonexisting'], []],
  ])('%s takes from %s, among %j: %j', (destination, source, preference, expected) => {
    expect([...negotiate(elements[destination], elements[source], preference)].sort()).toEqual(expected);
  });

  test('keeps the order of the list of preference, whatever it is', () => {
    for (const preference of permutations(['srm', 'file', 'root', 'nonexisting'])) {
      expect(negotiate(elements.D, elements.D, preference)).toEqual(preference.filter((name) => name !== 'nonexisting'));
    }
  });

  test.each<[Name, Name, string[], string, string]>([
    ['D', 'D', ['root', 'srm'], 'root', 'srm'],
    ['E', 'E', ['root', 'srm'], 'root', 'root'],
    ['D', 'E', ['root', 'srm'], 'root', 'root'],
    ['E', 'D', ['root', 'srm'], 'root', 'srm'],
    ['D', 'D', ['srm'], 'srm', 'srm'],
  ])('a copy from %s to %s by %j is read by %s and written by %s', (source, destination, preference, read, written) => {
    const pair = copyPair(elements[destination], elements[source], { preference });
    expect([pair?.source.protocol, pair?.destination.protocol]).toEqual([read, written]);
  });

  test.each<[Name, Name, string, string]>([
    ['Y', 'X', 'root', 'srm'],
    ['Z', 'X', 'root', 'root'],
    ['X', 'Y', 'gsiftp', 'gsiftp'],
    ['Z', 'Y', 'srm', 'root'],
    ['X', 'Z', 'srm', 'gsiftp'],
    ['Y', 'Z', 'root', 'srm'],
  ])('the URLs of a transfer to %s from %s are %s and %s', (destination, source, from, to) => {
    const ranked = ['root', 'gsiftp', 'gsidcap', 'dcap', 'file', 'srm', 'rfio'];
    const pair = transferPair(elements[destination], elements[source], ranked);
    expect([pair?.source.protocol, pair?.destination.protocol]).toEqual([from, to]);
  });

  test('finds no pair where the lists permit none', () => {
    expect(copyPair(elements.A, elements.C, { preference: ['root', 'file'] })).toBeUndefined();
    expect(transferPair(elements.A, elements.C, ['root', 'file'])).toBeUndefined();
  });

  test.each<[string[], string[]]>([
    [['s3'], ['s3']],
    [
      ['https', 's3', 'file'],
      ['s3', 'file'],
    ],
    [['http'], []],
    [['srm'], []],
  ])('between S3 StorageElements %j leaves %j', (preference, expected) => {
    const s3 = element('S3', [s3Plugin('S3', 'remote')]);
    expect(negotiate(s3, s3, preference)).toEqual(expected);
  });
});

function s3Plugin(section: string, access: StoragePlugin['access'], place = { host: 'h', path: 'bucket' }): StoragePlugin {
  return { section, plugin: 'S3', protocol: 's3', access, place, ...pluginSets({ plugin: 'S3', protocol: 's3' }) };
}

describe('selection of plug-ins for an operation', () => {
  const s3Lists: WrittenLists = { access: ['s3'], write: ['s3'] };
  const both = element('S3', [s3Plugin('A', 'remote'), s3Plugin('B', 'local')], s3Lists);
  const bare = element('S3', [s3Plugin('A', 'unclassified')], s3Lists);
  const sections = (of: ElementProtocols, ...rest: [Parameters<typeof selectPlugins>[1], Parameters<typeof selectPlugins>[2]?]): string[] =>
    selectPlugins(of, ...rest).map(({ section }) => section);

  test.each(['check', 'write', 'read', 'remove'] as const)(
    'to %s uses a local section on its own site only, and first there',
    (operation) => {
      expect(sections(both, operation)).toEqual(['A']);
      expect(sections(both, operation, { local: true })).toEqual(['B', 'A']);
    },
  );

  test('to make a URL asks neither where it is nor whether it may be used', () => {
    expect(sections(both, 'describe')).toEqual(['B', 'A']);
    expect(sections(bare, 'describe')).toEqual(['A']);
    expect(sections(element('S3', [s3Plugin('A', 'remote')]), 'describe', { protocols: ['https'] })).toEqual(['A']);
    expect(sections(element('S3', [s3Plugin('A', 'remote')]), 'describe', { protocols: ['srm'] })).toEqual([]);
  });

  test('takes a section that says neither remote nor local for one of its own site', () => {
    expect(sections(bare, 'read')).toEqual([]);
    expect(sections(bare, 'read', { local: true })).toEqual(['A']);
  });

  test("goes by the list of the operation, whatever the order of the caller's protocols", () => {
    expect(sections(elements.E, 'write')).toEqual(['XROOT', 'SRM2']);
    expect(sections(elements.E, 'write', { protocols: ['srm', 'root'] })).toEqual(['XROOT', 'SRM2']);
    expect(sections(elements.E, 'write', { protocols: ['srm'] })).toEqual(['SRM2']);
    expect(sections(elements.E, 'read')).toEqual(['XROOT']);
    expect(sections(elements.E, 'remove')).toEqual(['XROOT', 'SRM2']);
    expect(sections(elements.D, 'stage')).toEqual(['XROOT']);
  });

  test('writes from a URL only with a plug-in that takes its protocol', () => {
    expect(sections(elements.E, 'write', { inputProtocol: 'srm' })).toEqual(['SRM2']);
    expect(sections(elements.E, 'remove', { inputProtocol: 'srm' })).toEqual(['XROOT', 'SRM2']);
    expect(sections(elements.E, 'write', { inputProtocol: 'gsiftp' })).toEqual([]);
  });

  test("with DIRAC's own lists an S3 StorageElement can be neither read nor written", () => {
    const usual: WrittenLists = { access: ['srm', 'dips'], write: ['srm', 'dips'] };
    const s3 = { ...both, lists: effectiveLists({}, usual) };
    for (const operation of ['read', 'write', 'check', 'remove'] as const)
      expect(selectPlugins(s3, operation, { local: true })).toEqual([]);
  });
});

describe('the lists that count', () => {
  test.each<[string, WrittenLists, WrittenLists, Partial<ElementProtocols['lists']>]>([
    ['those of Operations', {}, { access: ['a'], write: ['w'] }, { access: ['a'], write: ['w'], stage: ['a'] }],
    ['its own first', { access: ['x'], write: ['y'] }, { access: ['a'], write: ['w'] }, { access: ['x'], write: ['y'], stage: ['x'] }],
    ['an empty one is none', { access: [] }, { access: ['a'] }, { access: ['a'] }],
    ['its own for staging', { stage: ['s'], access: ['x'] }, { stage: ['o'] }, { stage: ['s'] }],
    ['its access list before that of Operations for staging', { access: ['x'] }, { access: ['a'], stage: ['o'] }, { stage: ['x'] }],
    ['that of Operations for staging', {}, { access: ['a'], stage: ['o'] }, { stage: ['o'] }],
  ])('%s', (_, own, shared, expected) => {
    expect(effectiveLists(own, shared)).toMatchObject(expected);
  });
});

describe('what a plug-in takes and gives', () => {
  test('is the option, else the constant of its class, else its own protocol and local files', () => {
    expect(pluginSets({ plugin: 'S3', protocol: 's3' })).toEqual({
      inputProtocols: ['s3', 'file'],
      outputProtocols: ['file', 's3', 'http', 'https'],
    });
    expect(pluginSets({ plugin: 'S3', protocol: 's3' }, { input: ['https', 'https'], output: ['https'] })).toEqual({
      inputProtocols: ['https'],
      outputProtocols: ['https'],
    });
    expect(pluginSets({ plugin: 'File', protocol: 'file' })).toEqual({ inputProtocols: ['file'], outputProtocols: ['file'] });
    expect(pluginSets({ plugin: 'constructor', protocol: 'x' })).toEqual({ inputProtocols: ['x', 'file'], outputProtocols: ['x'] });
  });
});

describe('the same storage', () => {
  const at = (host: string, path: string): StoragePlugin => s3Plugin('S3', 'remote', { host, path });
  test.each<[StoragePlugin[], StoragePlugin[], boolean]>([
    [[at('h', 'a')], [at('h', 'a')], true],
    [[at('h', 'a')], [plugins.xroot, at('h', 'a')], true],
    [[at('h', 'a')], [at('other', 'a')], false],
    [[at('h', 'a')], [at('h', 'b')], false],
    [[plugins.xroot], [plugins.xroot], false],
  ])('shares a host with a path (case %#)', (one, other, same) => {
    expect(isSameStorage({ plugins: one }, { plugins: other })).toBe(same);
  });
});
