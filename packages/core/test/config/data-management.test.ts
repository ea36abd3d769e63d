import { describe, expect, test } from '@jest/globals';
import { expandStorageElements } from '../../src/config/index.js';
import { selectPlugins } from '../../src/protocols/index.js';
import { resolve, resolveElements, s3, type Sections } from './cfg-text.js';

const file: Sections = { Protocol: 'file', Access: 'remote', Path: '/mnt/storage' };

describe('a mounted directory', () => {
  test('is a StorageElement with a File section', () => {
    const { config, warnings } = resolveElements({ DISK: { VO: 'lhcb', WriteAccess: 'Banned', File: file } });
    expect(warnings).toEqual([]);
    expect(config.fileStorageElements.get('DISK')).toEqual({
      name: 'DISK',
      baseName: undefined,
      section: 'File',
      directory: '/mnt/storage',
      vos: ['lhcb'],
      status: { Read: 'Active', Write: 'Banned', Remove: 'Active', Check: 'Active' },
    });
  });

  test('may have another name for its section, a base and an alias', () => {
    const { config } = resolveElements(
      { DISK: { BaseSE: 'BASE', 'Any.1': { Path: '/mnt/other' } }, ALIAS: { Alias: 'DISK' } },
      { BASE: { 'Any.1': { ...file, PluginName: 'File' } } },
    );
    expect(config.fileStorageElements.get('ALIAS')).toMatchObject({
      name: 'DISK',
      baseName: 'BASE',
      section: 'Any.1',
      directory: '/mnt/other',
    });
  });

  test('and S3 may be of one StorageElement', () => {
    const { config } = resolveElements({ X: { File: file, S3: s3 } });
    expect([[...config.fileStorageElements.keys()], [...config.storageElements.keys()]]).toEqual([['X'], ['X']]);
  });

  test.each<[Sections, string]>([
    [{ ...file, Path: 'mnt/storage' }, 'Path must be an absolute path'],
    [{ ...file, Path: '/mnt/../etc' }, 'Path must be an absolute path'],
    [{ ...file, Path: '/' }, 'Path must be an absolute path'],
    [{ ...file, Path: '/mnt/storage/' }, 'Path must be an absolute path'],
    [{ Protocol: 'file' }, 'Path must be set'],
    [{ ...file, Protocol: 'root' }, 'Protocol must be file'],
  ])('is left out with a warning for %j', (section, message) => {
    const { config, warnings } = resolveElements({ DISK: { File: section } });
    expect(config.fileStorageElements.size).toBe(0);
    expect(warnings).toEqual([expect.stringContaining(message)]);
    expect(warnings[0]).toContain('StorageElement "DISK" is not used');
  });
});

describe('protocols of every StorageElement', () => {
  const resolveAll = (elements: Sections, more: Sections = {}) =>
    resolve({ DIRAC: { VirtualOrganization: 'lhcb' }, Resources: { StorageElements: elements }, ...more }).config.dataManagement;

  test("are DIRAC's defaults where nothing is written", () => {
    const settings = resolveAll({ X: { S3: s3 } });
    expect(settings).toMatchObject({ registrationProtocols: ['srm', 'dips'], thirdPartyProtocols: ['srm'] });
    expect(settings.elements.get('X')).toEqual({
      name: 'X',
      lists: { access: ['srm', 'dips'], write: ['srm', 'dips'], stage: ['srm', 'dips'] },
      unset: ['access', 'write'],
      plugins: [
        {
          section: 'S3',
          plugin: 'S3',
          protocol: 's3',
          access: 'remote',
          place: { host: 's3.example.org', path: 'data' },
          inputProtocols: ['s3', 'file'],
          outputProtocols: ['file', 's3', 'http', 'https'],
        },
      ],
    });
  });

  test('are its own lists before those of Operations, and what its sections say', () => {
    const { elements } = resolveAll(
      {
        X: {
          AccessProtocols: 'root',
          StageProtocols: 'srm',
          A: {
            PluginName: 'GFAL2_XROOT',
            Protocol: 'root',
            Access: 'LOCAL',
            InputProtocols: 'root, s3',
            Path: '/a',
            VOPath: { lhcb: '/lhcb' },
          },
          B: { PluginName: 'GFAL2_SRM2', Protocol: 'srm' },
        },
      },
      { Operations: { Defaults: { DataManagement: { AccessProtocols: 's3', WriteProtocols: 'root,srm' } } } },
    );
    const x = elements.get('X')!;
    expect(x.lists).toEqual({ access: ['root'], write: ['root', 'srm'], stage: ['srm'] });
    expect(x.unset).toEqual([]);
    expect(x.plugins.map(({ access, inputProtocols, place }) => ({ access, inputProtocols, place }))).toEqual([
      { access: 'local', inputProtocols: ['root', 's3'], place: { host: '', path: '/lhcb' } },
      { access: 'unclassified', inputProtocols: ['srm', 'file'], place: { host: '', path: '' } },
    ]);
    expect(selectPlugins(x, 'write', { local: true }).map(({ section }) => section)).toEqual(['A', 'B']);
    expect(selectPlugins(x, 'write')).toEqual([]);
  });

  test('leave s3 out of the third-party list, which is shared with others', () => {
    const operations = { Defaults: { DataManagement: { ThirdPartyProtocols: 'https, s3, root' } } };
    expect(resolveAll({ X: { S3: s3 } }, { Operations: operations }).thirdPartyProtocols).toEqual(['https', 'root']);
  });

  test('know the bases, and the rules of multiple hops, those of the VO above the others', () => {
    const rules = (row: Sections): Sections => ({ DataManagement: { MultiHopMatrixOfShame: row } });
    const { baseOf, multiHops } = resolveAll(
      { X: { S3: s3 }, Y: { BaseSE: 'BASE' }, Z: { Alias: 'Y' } },
      {
        Resources: {
          StorageElementBases: { BASE: { S3: s3 } },
          StorageElements: { X: { S3: s3 }, Y: { BaseSE: 'BASE' }, Z: { Alias: 'Y' } },
        },
        Operations: { Defaults: rules({ X: { Default: 'Y', Y: 'X' } }), lhcb: rules({ X: { Y: 'Z' }, Default: { Default: 'disabled' } }) },
      },
    );
    expect([...baseOf]).toEqual([['Y', 'BASE']]);
    expect(Object.fromEntries([...multiHops].map(([from, row]) => [from, Object.fromEntries(row)]))).toEqual({
      X: { Default: 'Y', Y: 'Z' },
      Default: { Default: 'disabled' },
    });
  });

  test('know the site of a StorageElement, also by its base', () => {
    const { siteOf, ownSite } = resolve({
      LocalSite: { Site: 'LCG.A.org' },
      Resources: {
        StorageElementBases: { BASE: { S3: s3 } },
        StorageElements: { X: { S3: s3 }, Y: { BaseSE: 'BASE' }, Z: { S3: s3 } },
        Sites: { LCG: { 'LCG.A.org': { SE: 'X, BASE' }, 'LCG.B.org': { SE: 'X' }, 'LCG.C.org': { CE: 'c' } } },
      },
    }).config.dataManagement;
    expect(['X', 'Y', 'Z'].map((name) => siteOf.get(name))).toEqual(['LCG.A.org', 'LCG.A.org', undefined]);
    expect(ownSite).toBe('LCG.A.org');
  });
});

describe('groups of StorageElements', () => {
  const settings = resolve({
    Resources: {
      StorageElements: {
        'S3-DIRECT': { S3: s3 },
        'S3-INDIRECT': { S3: s3 },
        'S3-VO': { S3: s3 },
        GRID: { X: { Protocol: 'srm' } },
        BOTH: { S3: s3 },
      },
      StorageElementGroups: {
        G: 'S3-DIRECT, H',
        H: 'S3-INDIRECT',
        BAD: 'S3-DIRECT, nope',
        ROUND: 'ABOUT',
        ABOUT: 'S3-VO, ROUND',
        BOTH: 'S3-VO, BOTH',
        EMPTY: '',
      },
    },
  }).config.dataManagement;

  test.each<[string[], string[]]>([
    [['G'], ['S3-DIRECT', 'S3-INDIRECT']],
    [
      ['G', 'S3-VO'],
      ['S3-DIRECT', 'S3-INDIRECT', 'S3-VO'],
    ],
    [
      ['S3-INDIRECT', 'G', 'S3-INDIRECT'],
      ['S3-INDIRECT', 'S3-DIRECT'],
    ],
    [['GRID'], ['GRID']],
    [['BOTH'], ['S3-VO', 'BOTH']],
    [['EMPTY'], []],
    [[], []],
  ])('%j stands for %j', (names, expected) => {
    expect(expandStorageElements(names, settings)).toEqual(expected);
  });

  test.each<[string, string, RegExp]>([
    ['BAD', 'unknown-storage-element', /^nope of the group BAD is neither/],
    ['nope', 'unknown-storage-element', /^nope is neither/],
    ['ROUND', 'invalid-configuration', /circle: ROUND -> ABOUT -> ROUND/],
  ])('%s spoils the whole', (name, code, message) => {
    expect(() => expandStorageElements(['S3-VO', name], settings)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
