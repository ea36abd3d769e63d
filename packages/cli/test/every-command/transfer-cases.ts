import { literally, type Cases } from './case.js';
import { checksumOf, home, missing, storedBytes } from './command-world.js';

/** Of commands that move bytes. */
export const transferCases: Cases = {
  put: {
    wrong: { words: ['put', `${home}/x`, 'local'], says: /the command line must be: LFN PATH SE \[GUID\]/ },
    words: async (world) => ['put', `${home}/${world.fresh()}`, await world.local(), 'DEMO-S3'],
    text: ([, lfn]) => new RegExp(`^${lfn} is at DEMO-S3: \\d+ bytes, Adler-32 [0-9a-f]{8}\n$`),
    json: ([, lfn]) => ({ successful: [{ lfn, storageElement: 'DEMO-S3' }], failed: [] }),
    fails: { words: ['put', `${home}/x`, 'no-such-local', 'DEMO-S3'], says: /no-such-local.*\(local-file\)/, code: 1 },
  },
  get: {
    wrong: { words: ['get'], says: /LFN is missing/ },
    words: (world) => ['get', world.stored()],
    text: ([, lfn]) => new RegExp(`^${literally(lfn!)} -> .*/\\d+\\.bin: ${storedBytes} bytes, Adler-32 ${checksumOf(lfn!)}\n$`),
    json: ([, lfn]) => ({ successful: [{ lfn, sizeBytes: storedBytes, verified: true, checksum: checksumOf(lfn!) }], failed: [] }),
    fails: { words: ['get', missing], says: /No such file/, code: 1 },
  },
  sync: {
    wrong: { words: ['sync', 'a', 'b'], says: /written lfn:\/vo\/directory/ },
    words: async (world) => ['sync', await world.localTree(), `lfn:${home}/${world.fresh()}`, 'DEMO-S3'],
    text: ([, local, remote]) =>
      new RegExp(`^${local}/file -> ${remote!.slice(4)}/file at DEMO-S3: .*\nDone: 1 files sent \\(\\d+ bytes\\), 0 deleted, 0 equal\n$`),
    json: ([, local]) => ({ dryRun: false, unchanged: 0, successful: [{ path: `${local}/file`, action: 'upload' }], failed: [] }),
    fails: { words: ['sync', `lfn:${missing}`, 'nowhere'], says: /No such file/, code: 1 },
  },
  replicate: {
    wrong: { words: ['replicate', missing], says: /StorageElements that get a replica must be named/ },
    words: (world) => ['replicate', world.stored(), '--to', 'DISK'],
    text: ([, lfn]) => `${lfn} is at DISK: from DEMO-S3, streamed\n`,
    json: ([, lfn]) => ({ successful: [{ lfn, storageElement: 'DISK', source: 'DEMO-S3', method: 'stream' }], failed: [] }),
    fails: { words: ['replicate', missing, '--to', 'DISK'], says: /No such file/, code: 1 },
  },
  register: {
    wrong: { words: ['register', missing], says: /SE is missing/ },
    words: async (world) => {
      const lfn = world.stored();
      await world.run(['catalog', 'rm', lfn]);
      return ['register', lfn, 'DEMO-S3'];
    },
    text: ([, lfn]) => `${lfn} is registered at DEMO-S3: ${storedBytes} bytes, Adler-32 ${checksumOf(lfn!)}\n`,
    json: ([, lfn]) => ({ successful: [{ lfn, storageElement: 'DEMO-S3', sizeBytes: storedBytes }], failed: [] }),
    fails: { words: ['register', missing, 'DEMO-S3'], says: /No such file/, code: 1 },
  },
  rm: {
    wrong: { words: ['rm', '--unregistered', missing], says: /--unregistered needs: LFN \[LFN\.\.\] SE/ },
    words: (world) => ['rm', world.stored()],
    text: ([, lfn]) => `${lfn} is removed\n`,
    json: ([, lfn]) => ({ successful: [{ lfn }], failed: [] }),
    fails: { words: ['rm', missing], says: /No such file/, code: 1 },
  },
  'replica rm': {
    wrong: { words: ['replica', 'rm', missing], says: /SE is missing/ },
    words: async (world) => ['replica', 'rm', await world.replicated(), 'DISK'],
    text: ([, , lfn]) => `${lfn} has no replica at DISK\n`,
    json: ([, , lfn]) => ({ successful: [{ lfn, storageElement: 'DISK' }], failed: [] }),
    fails: { words: ['replica', 'rm', missing, 'DISK'], says: /No such file/, code: 1 },
  },
};
