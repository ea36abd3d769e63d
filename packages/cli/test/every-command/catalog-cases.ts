import { uuid, type Cases } from './case.js';
import { checksumOf, home, missing, storedBytes } from './command-world.js';

/** Of commands that ask the catalog, or change it. */
export const catalogCases: Cases = {
  replicas: {
    wrong: { words: ['replicas'], says: /LFN is missing/ },
    words: (world) => ['replicas', world.stored()],
    text: ([, lfn], { bucketUrl }) => new RegExp(`^LFN +StorageElement URL\n=+\n${lfn} DEMO-S3 +${bucketUrl}${lfn}\n\n$`),
    json: ([, lfn], { bucketUrl }) => ({
      successful: [{ lfn, replicas: [{ storageElement: 'DEMO-S3', pfn: `${bucketUrl}${lfn}` }] }],
      failed: [],
    }),
    fails: { words: ['replicas', missing], says: /No such file/, code: 1 },
  },
  meta: {
    wrong: { words: ['meta'], says: /LFN is missing/ },
    words: (world) => ['meta', world.stored()],
    text: ([, lfn]) => new RegExp(`'Successful': \\{'${lfn}': \\{'Checksum': '${checksumOf(lfn!)}',[^]*'Size': ${storedBytes}`),
    json: ([, lfn]) => ({ successful: [{ lfn, sizeBytes: storedBytes, checksum: checksumOf(lfn!), owner: 'alice' }], failed: [] }),
    fails: { words: ['meta', missing], says: /No such file/, code: 1 },
  },
  mkdir: {
    wrong: { words: ['mkdir', `${home}/x`, '--owner', 'bob:demo_user'], says: /--owner and --mode belong together/ },
    words: (world) => ['mkdir', `${home}/${world.fresh()}`],
    text: ([, lfn]) => `${lfn} is there\n`,
    json: ([, lfn]) => ({ successful: [{ lfn }], failed: [] }),
    fails: { words: ['mkdir', '/demo/user/b/bob/x'], says: /Permission denied/, code: 1 },
  },
  rmdir: {
    wrong: { words: ['rmdir'], says: /DIRECTORY is missing/ },
    words: async (world) => ['rmdir', await world.emptyDirectory()],
    text: ([, lfn]) => `${lfn} is removed\n`,
    json: ([, lfn]) => ({ successful: [{ lfn }], failed: [] }),
    fails: { words: ['rmdir', `${home}/stock`], says: /is not empty \(conflict\)/, code: 1 },
  },
  chmod: {
    wrong: { words: ['chmod', '0788', home], says: /"0788" is no mode: up to three octal digits/ },
    words: (world) => ['chmod', '0640', world.stored()],
    text: ([, , lfn]) => `${lfn} has the mode 0640\n`,
    json: ([, , lfn]) => ({ successful: [{ lfn, mode: 0o640 }], failed: [] }),
    fails: {
      words: ['chmod', '-R', '0777', '/demo/user/b/bob'],
      says: /\/demo\/user\/b\/bob: Permission denied: this needs Write/,
      code: 1,
    },
  },
  chown: {
    wrong: { words: ['chown', 'bob:demo_user', home], says: /"bob:demo_user" is no user: the group is changed with chgrp/ },
    words: (world) => ['chown', 'bob', world.stored()],
    text: ([, , lfn]) => `${lfn} belongs to bob\n`,
    json: ([, , lfn]) => ({ successful: [{ lfn, owner: 'bob' }], failed: [] }),
    fails: { words: ['chown', 'anonymous', home], says: /"anonymous" is not a user \(invalid-argument\)/, code: 1 },
    env: ({ administrator }) => administrator,
  },
  chgrp: {
    wrong: { words: ['chgrp', 'demo_user'], says: /PATH is missing/ },
    words: async (world) => ['chgrp', 'demo_admin', await world.directoryWithFile(), '-R'],
    text: ([, , lfn]) => `${lfn} belongs to the group demo_admin, with all below it\n`,
    json: ([, , lfn]) => ({ successful: [{ lfn, ownerGroup: 'demo_admin' }], failed: [] }),
    fails: { words: ['chgrp', 'demo_user', missing], says: /No such file/, code: 1 },
    env: ({ administrator }) => administrator,
  },
  ls: {
    wrong: { words: ['ls'], says: /PATH is missing/ },
    words: async (world) => ['ls', await world.directoryWithFile()],
    text: () => 'file\n',
    json: ([, lfn]) => ({ successful: [{ lfn, entries: [{ name: 'file', type: 'file' }] }], failed: [] }),
    fails: { words: ['ls', missing], says: /No such file/, code: 1 },
  },
  find: {
    wrong: { words: ['find', home, 'Colour=red'], says: /"Colour=red" is no condition known here/ },
    words: async (world) => ['find', await world.directoryWithFile(), 'Size>1'],
    text: ([, lfn]) => `${lfn}/file\n`,
    json: ([, lfn]) => ({ files: [{ lfn: `${lfn}/file` }], failed: [] }),
    fails: { words: ['find', missing], says: /No such file/, code: 1 },
  },
  du: {
    wrong: { words: ['du'], says: /PATH is missing/ },
    words: (world) => ['du', world.stored()],
    text: ([, lfn]) => `${storedBytes}\t${lfn}\t(1 files, 0 directories)\n`,
    json: ([, lfn]) => ({ successful: [{ lfn, type: 'file', sizeBytes: storedBytes, files: 1 }], failed: [] }),
    fails: { words: ['du', missing], says: /No such file/, code: 1 },
  },
  'user-files': {
    wrong: { words: ['user-files', '--days', '-1'], says: /--days must be a whole number/ },
    words: async (world) => ['user-files', '--base-dir', await world.directoryWithFile()],
    text: ([, , directory]) => `${directory}/file\n`,
    json: ([, , directory]) => ({ baseDirectory: directory, files: [`${directory}/file`], failed: [] }),
    fails: { words: ['user-files', '--base-dir', missing], says: /No such file/, code: 1 },
  },
  guid: {
    wrong: { words: ['guid'], says: /GUID is missing/ },
    words: async (world) => {
      const { stdout } = await world.run(['meta', world.stored(), '--json']);
      return ['guid', new RegExp(uuid).exec(stdout)![0]];
    },
    text: ([, guid]) => new RegExp(`^${guid} -> ${home}/stock/\\d+\\.bin\n$`),
    json: ([, guid]) => ({ successful: [{ guid }], failed: [] }),
    fails: { words: ['guid', '00000000-0000-0000-0000-000000000000'], says: /no file has the GUID/, code: 1 },
  },
  'catalog rm': {
    wrong: { words: ['catalog', 'rm'], says: /LFN is missing/ },
    words: (world) => ['catalog', 'rm', world.stored()],
    text: ([, , lfn]) => `${lfn} is no longer in the catalog\n`,
    json: ([, , lfn]) => ({ successful: [{ lfn }], failed: [] }),
    fails: { words: ['catalog', 'rm', missing], says: /No such file/, code: 1 },
  },
  'catalog rm-replica': {
    wrong: { words: ['catalog', 'rm-replica', missing], says: /SE is missing/ },
    words: (world) => ['catalog', 'rm-replica', world.stored(), 'DEMO-S3'],
    text: ([, , lfn]) => `the catalog has no replica of ${lfn} at DEMO-S3\n`,
    json: ([, , lfn]) => ({ successful: [{ lfn, storageElement: 'DEMO-S3' }], failed: [] }),
    fails: { words: ['catalog', 'rm-replica', 'relative', 'DEMO-S3'], says: /\(invalid-lfn\)/, code: 1 },
  },
};
