import { join } from 'node:path';
import type { OnlyDiracName } from '../../src/dirac-names.js';
import type { DiracCase } from './case.js';
import { checksumOf, home, missing, storedBytes, type CommandWorld } from './command-world.js';

type Short = Exclude<OnlyDiracName, `dirac-${string}`>;

const noFile = /No such file/;
const lfnIsMissing = { words: [], says: /lfn is missing \(see d[a-z]+ --help\)/ };
const doneOne = ([lfn]: readonly string[]): object => ({ successful: [{ lfn }], failed: [] });
/** What one case remembers is no matter of another one. */
const own =
  (name: string) =>
  ({ directory }: CommandWorld): Record<string, string> => ({ DCOMMANDS_CONFIG_DIR: join(directory, `state of ${name}`) });

/** DIRAC's short commands. */
export const shortCases: Readonly<Record<Short, DiracCase>> = {
  dput: {
    wrong: { words: ['-D', 'DEMO-S3', 'one', 'two', missing], says: /several files need a directory to go to/ },
    words: async (world) => ['-D', 'DEMO-S3', await world.local(), `${home}/${world.fresh()}`],
    text: () => '',
    json: ([, , , lfn]) => ({ successful: [{ lfn, storageElement: 'DEMO-S3' }], failed: [] }),
    fails: { words: ['-D', 'DEMO-S3', 'no-such-local', missing], says: /\(local-file\)/, code: 1 },
    diracCode: 254,
  },
  dget: {
    wrong: { words: [missing, 'no-such-directory'], says: /no-such-directory is not a local directory/ },
    words: (world) => [world.stored()],
    text: () => '',
    json: ([lfn]) => ({ successful: [{ lfn, sizeBytes: storedBytes, checksum: checksumOf(lfn!), verified: true }], failed: [] }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 253,
  },
  drm: {
    wrong: { words: [], says: /which files\?/ },
    words: (world) => [world.stored()],
    text: () => '\n1 object(s) removed in total\n',
    json: doneOne,
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  drepl: {
    wrong: lfnIsMissing,
    words: (world) => ['-D', 'DISK', world.stored()],
    text: () => '',
    json: ([, , lfn]) => ({ successful: [{ lfn, storageElement: 'DISK', source: 'DEMO-S3' }], failed: [] }),
    fails: { words: ['-D', 'DISK', missing], says: noFile, code: 1 },
    diracCode: 254,
  },
  dreplicas: {
    wrong: lfnIsMissing,
    words: (world) => [world.stored()],
    text: ([lfn], { bucketUrl }) => `${lfn}:\n   DEMO-S3 ${bucketUrl}${lfn}\n`,
    json: ([lfn], { bucketUrl }) => ({
      successful: [{ lfn, replicas: [{ storageElement: 'DEMO-S3', pfn: `${bucketUrl}${lfn}` }] }],
      failed: [],
    }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 254,
  },
  dls: {
    wrong: { words: ['--nosuch'], says: /Unknown argument: nosuch/ },
    words: async (world) => [await world.directoryWithFile()],
    text: ([directory]) => `${directory}:\nfile\n`,
    json: ([lfn]) => ({ successful: [{ lfn, entries: [{ name: 'file', type: 'file' }] }], failed: [] }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  dsize: {
    wrong: { words: ['--output', 'csv', 'a'], says: /--output must be text or json/ },
    words: (world) => [world.stored()],
    text: ([lfn]) => `lfn: ${lfn}\nSize: ${storedBytes}\n`,
    json: ([lfn]) => ({ successful: [{ lfn, sizeBytes: storedBytes }], failed: [] }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  dfind: {
    wrong: { words: [home, 'Colour=red'], says: /"Colour=red" is no condition known here/ },
    words: async (world) => [await world.directoryWithFile(), 'Size>1'],
    text: ([directory]) => `${directory}/file\n`,
    json: ([directory]) => ({ files: [{ lfn: `${directory}/file` }], failed: [] }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  dmkdir: {
    wrong: { words: [], says: /path is missing/ },
    words: (world) => [`${home}/${world.fresh()}`],
    text: () => '',
    json: doneOne,
    fails: { words: ['/demo/user/b/bob/x'], says: /Permission denied/, code: 1 },
    diracCode: 0,
  },
  drmdir: {
    wrong: { words: [], says: /path is missing/ },
    words: async (world) => [await world.emptyDirectory()],
    text: () => '',
    json: doneOne,
    fails: { words: [`${home}/stock`], says: /is not empty \(conflict\)/, code: 1 },
    diracCode: 0,
  },
  dchmod: {
    wrong: { words: ['rwx', home], says: /"rwx" is no mode/ },
    words: async (world) => ['-R', '750', await world.directoryWithFile()],
    text: () => '',
    json: ([, , lfn]) => ({ successful: [{ lfn, mode: 0o750 }], failed: [] }),
    fails: { words: ['755', missing], says: noFile, code: 1 },
    diracCode: 0,
  },
  dchown: {
    wrong: { words: ['bob'], says: /Path is missing/ },
    words: (world) => ['bob', world.stored()],
    text: () => '',
    json: ([, lfn]) => ({ successful: [{ lfn, owner: 'bob' }], failed: [] }),
    fails: { words: ['bob', missing], says: noFile, code: 1 },
    diracCode: 0,
    env: ({ administrator }) => administrator,
  },
  dchgrp: {
    wrong: { words: [], says: /GROUP is missing/ },
    words: async (world) => ['demo_user', '-R', await world.directoryWithFile()],
    text: () => '',
    json: ([, , lfn]) => ({ successful: [{ lfn, ownerGroup: 'demo_user' }], failed: [] }),
    fails: { words: ['hosts', home], says: /"hosts" is not a group of users/, code: 1 },
    diracCode: 0,
    env: ({ administrator }) => administrator,
  },
  dgetenv: {
    wrong: { words: ['a', 'b'], says: /"b" is one word too many/ },
    words: async (world) => {
      await world.run([home], { name: 'dcd', env: own('dgetenv')(world) });
      return [];
    },
    text: () => `cwd = ${home}\n`,
    json: () => ({ cwd: home }),
    fails: { words: ['nosuch.option'], says: /nothing is known of nosuch\.option/, code: 2 },
    diracCode: 255,
    env: own('dgetenv'),
  },
  dcd: {
    wrong: { words: ['a', 'b'], says: /"b" is one word too many/ },
    words: () => [home],
    text: () => '',
    json: () => ({ currentDirectory: home }),
    fails: { words: [missing], says: noFile, code: 1 },
    diracCode: 255,
    env: own('dcd'),
  },
  dpwd: {
    wrong: { words: ['--output', 'csv'], says: /--output must be text or json/ },
    words: () => [],
    text: () => '/\n',
    json: () => ({ currentDirectory: '/' }),
    fails: { words: ['--output', 'xml'], says: /--output must be text or json/, code: 2 },
    diracCode: 1,
    env: own('dpwd'),
  },
  dconfig: {
    wrong: { words: ['[x]'], says: /"\[x\]" is not of the form section, section\.option or section\.option=value/ },
    words: () => ['-m'],
    text: () => '[global]\ndefault_profile = demo_user\n[demo_user]\ngroup_name = demo_user\nhome_dir = /\ndefault_se = DIRAC-USER\n',
    json: () => ({ global: { default_profile: 'demo_user' }, demo_user: { group_name: 'demo_user' } }),
    fails: { words: ['nosuch'], says: /has no section nosuch/, code: 2 },
    diracCode: 255,
    env: own('dconfig'),
  },
};
