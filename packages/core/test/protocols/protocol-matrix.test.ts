import { describe, expect, test } from '@jest/globals';
import { effectiveLists, pluginSets, protocolMatrix, type MatrixFacts, type StoragePlugin } from '../../src/protocols/index.js';

const pluginOf = (plugin: string, protocol: string): StoragePlugin => ({
  section: plugin,
  plugin,
  protocol,
  access: 'remote',
  ...pluginSets({ plugin, protocol }),
});
const s3 = pluginOf('S3', 's3');
const xroot = pluginOf('GFAL2_XROOT', 'root');
const https = pluginOf('GFAL2_HTTPS', 'https');
const lists = effectiveLists({}, { access: ['s3', 'https', 'root'], write: ['s3', 'https', 'root'] });

/** The example of dirac-dms-protocol-matrix, with an S3 StorageElement beside it. */
const facts: MatrixFacts = {
  elements: new Map(
    Object.entries({ 'IN2P3-DST': [xroot, https], 'IN2P3-User': [xroot, https], AnotherDisk: [xroot], 'CERN-S3': [s3] }).map(
      ([name, plugins]) => [name, { name, plugins, lists }],
    ),
  ),
  baseOf: new Map([
    ['IN2P3-DST', 'IN2P3-Disk'],
    ['IN2P3-User', 'IN2P3-Disk'],
  ]),
  thirdPartyProtocols: ['https', 'root'],
  multiHops: new Map(),
};
const names = (wish: Parameters<typeof protocolMatrix>[1]): readonly [readonly string[], readonly string[]] => {
  const { sources, targets } = protocolMatrix(facts, wish);
  return [sources, targets];
};

describe('the StorageElements of the matrix', () => {
  const all = ['AnotherDisk', 'CERN-S3', 'IN2P3-Disk'];

  test.each<[string, Parameters<typeof protocolMatrix>[1], readonly [string[], string[]]]>([
    ['are all, those of one base as one', {}, [all, all]],
    ['are on one side what is asked for', { from: ['IN2P3-User'] }, [['IN2P3-User'], all]],
    ['are so on the other side', { to: ['CERN-S3', 'IN2P3-Disk'] }, [all, ['CERN-S3', 'IN2P3-Disk']]],
    ['are the same on both sides of a square', { from: ['IN2P3-User'], square: true }, [['IN2P3-User'], ['IN2P3-User']]],
    [
      'are in a square all that are named, each once',
      { from: ['CERN-S3'], to: ['AnotherDisk', 'CERN-S3'], square: true },
      [
        ['AnotherDisk', 'CERN-S3'],
        ['AnotherDisk', 'CERN-S3'],
      ],
    ],
    ['are all in a square of none', { square: true }, [all, all]],
    [
      'are each by itself in full',
      { full: true },
      [
        ['AnotherDisk', 'CERN-S3', 'IN2P3-DST', 'IN2P3-User'],
        ['AnotherDisk', 'CERN-S3', 'IN2P3-DST', 'IN2P3-User'],
      ],
    ],
    [
      'are without what is excluded; a base stays while one of it does',
      { exclude: ['IN2P3-DST', 'CERN-S3'] },
      [
        ['AnotherDisk', 'IN2P3-Disk'],
        ['AnotherDisk', 'IN2P3-Disk'],
      ],
    ],
  ])('%s', (_, wish, expected) => {
    expect(names(wish)).toEqual(expected);
  });

  test('must be known', () => {
    expect(() => protocolMatrix(facts, { from: ['NOWHERE'] })).toThrow(/NOWHERE is neither a StorageElement nor a base of one/);
  });
});

describe('the routes', () => {
  const route = (source: string, target: string, more: Partial<MatrixFacts> = {}) => {
    const { routes } = protocolMatrix({ ...facts, ...more }, { from: [source], to: [target] });
    expect(routes).toHaveLength(1);
    return routes[0]!;
  };

  test('have the protocols both sides share, in the order of the list, and the pair a transfer service gets', () => {
    expect(route('IN2P3-Disk', 'IN2P3-User')).toEqual({
      source: 'IN2P3-Disk',
      target: 'IN2P3-User',
      thirdParty: ['https', 'root'],
      service: ['https', 'https'],
      hop: undefined,
    });
    expect(route('IN2P3-Disk', 'AnotherDisk')).toMatchObject({ thirdParty: ['root'], service: ['root', 'root'] });
  });

  test('lead from S3 by https, whose URL the source makes, and never to S3', () => {
    expect(route('CERN-S3', 'IN2P3-Disk')).toMatchObject({ thirdParty: ['https'], service: ['s3', 'https'] });
    expect(route('IN2P3-Disk', 'CERN-S3')).toMatchObject({ thirdParty: [], service: undefined });
  });

  test('are none without a list: an empty one does not mean whatever fits', () => {
    expect(route('IN2P3-Disk', 'AnotherDisk', { thirdPartyProtocols: [] })).toMatchObject({ thirdParty: [], service: undefined });
  });

  test.each<[string, string, Record<string, Record<string, string>>, string | undefined]>([
    ['IN2P3-User', 'CERN-S3', { 'IN2P3-User': { 'CERN-S3': 'HOP' } }, 'HOP'],
    ['IN2P3-User', 'CERN-S3', { 'IN2P3-User': { Default: 'ANY' }, 'IN2P3-Disk': { 'CERN-S3': 'BASE' } }, 'ANY'],
    ['IN2P3-User', 'CERN-S3', { 'IN2P3-Disk': { Default: 'ANY', 'CERN-S3': 'BASE' } }, 'BASE'],
    ['IN2P3-User', 'CERN-S3', { 'IN2P3-User': { 'CERN-S3': 'disabled' }, Default: { Default: 'ANY' } }, undefined],
    ['CERN-S3', 'IN2P3-User', { 'CERN-S3': { 'IN2P3-Disk': 'BASE', Default: 'ANY' } }, 'BASE'],
    ['CERN-S3', 'IN2P3-User', { Default: { 'IN2P3-User': 'HERE', 'IN2P3-Disk': 'BASE' } }, 'HERE'],
    ['CERN-S3', 'AnotherDisk', { Default: { Default: 'ANY' } }, 'ANY'],
    ['CERN-S3', 'AnotherDisk', { 'IN2P3-Disk': { Default: 'ANY' } }, undefined],
  ])('go from %s to %s by the first rule of %j: %s', (source, target, rules, hop) => {
    const multiHops = new Map(Object.entries(rules).map(([from, row]) => [from, new Map(Object.entries(row))]));
    expect(route(source, target, { multiHops }).hop).toBe(hop);
  });
});
