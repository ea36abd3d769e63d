import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { literally, type Cases } from './case.js';
import { checksumOf, missing, storedBytes } from './command-world.js';

/** Nobody listens there. */
const noGateway = ['-o', '/Systems/DataManagement/URLs/S3Gateway=http://127.0.0.1:1/DataManagement/S3Gateway'];
const noStorageElement = /\(unknown-storage-element\)/;

/** Of commands about StorageElements and storage URLs, and about the user and the program themselves. */
export const elementCases: Cases = {
  url: {
    wrong: { words: ['url', missing, 'DEMO-S3', '--expires', '0'], says: /--expires must be a number of seconds/ },
    words: (world) => ['url', world.stored(), 'DEMO-S3'],
    text: ([, lfn], { storeOrigin }) => new RegExp(`^${literally(storeOrigin)}/demo-data${lfn}\\?.*X-Amz-Signature=[0-9a-f]{64}.*\n$`),
    json: ([, lfn]) => ({ successful: [{ lfn }], failed: [] }),
    fails: { words: ['url', missing, 'NO-SE'], says: noStorageElement, code: 1 },
  },
  'pfn url': {
    wrong: { words: ['pfn', 'url', 's3://x/y'], says: /SE is missing/ },
    words: (world) => ['pfn', 'url', `${world.bucketUrl}${world.stored()}`, 'DEMO-S3'],
    text: (_, { storeOrigin }) => new RegExp(`^${literally(storeOrigin)}/demo-data/.*X-Amz-Signature=[0-9a-f]{64}.*\n$`),
    json: ([, , pfn]) => ({ successful: [{ pfn }], failed: [] }),
    fails: { words: ['pfn', 'url', 's3://elsewhere/x', 'DEMO-S3'], says: /\(invalid-storage-url\)/, code: 1 },
  },
  'pfn meta': {
    wrong: { words: ['pfn', 'meta'], says: /PFN is missing/ },
    words: (world) => ['pfn', 'meta', `${world.bucketUrl}${world.stored()}`, 'DEMO-S3'],
    text: ([, , pfn]) =>
      new RegExp(`'${literally(pfn!)}': \\{'Accessible': True,[^]*'Checksum': '${checksumOf(pfn!)}'[^]*'Size': ${storedBytes}`),
    json: ([, , pfn]) => ({ successful: [{ pfn, sizeBytes: storedBytes, checksum: checksumOf(pfn!) }], failed: [] }),
    fails: { words: ['pfn', 'meta', 's3://elsewhere/x', 'DEMO-S3'], says: /\(invalid-storage-url\)/, code: 1 },
  },
  'se stat': {
    wrong: { words: ['se', 'stat', missing], says: /SE is missing/ },
    words: (world) => ['se', 'stat', world.stored(), 'DEMO-S3'],
    text: ([, , lfn]) => `${lfn} at DEMO-S3: ${storedBytes} bytes, Adler-32 ${checksumOf(lfn!)}\n`,
    json: ([, , lfn]) => ({ successful: [{ lfn, storageElement: 'DEMO-S3', sizeBytes: storedBytes }], failed: [] }),
    fails: { words: ['se', 'stat', missing, 'DEMO-S3'], says: /No such file/, code: 1 },
  },
  'se status': {
    wrong: { words: ['se', 'status', '--all', '--vo', 'demo'], says: /--all and --vo exclude each other/ },
    words: () => ['se', 'status'],
    text: () => /^SE +ReadAccess WriteAccess RemoveAccess CheckAccess\n=+\nDEMO-S3 Active +Active +Active +Active\n\n$/,
    json: () => ({ storageElements: [{ name: 'DEMO-S3', status: { Read: 'Active', Write: 'Active' } }] }),
    fails: { words: ['se', 'status', ...noGateway], says: /\(gateway-unavailable\)/, code: 4 },
  },
  'se matrix': {
    wrong: { words: ['se', 'matrix', 'DEMO-S3'], says: /"DEMO-S3" is one word too many/ },
    words: () => ['se', 'matrix', '--from', 'DEMO-S3', '--tpc'],
    text: () => /^Direct TPC\nfrom \/ to +DEMO-S3 DISK\n=+\nDEMO-S3 +- +-\n\n$/,
    json: () => ({ sources: ['DEMO-S3'], targets: ['DEMO-S3', 'DISK'], routes: [{ thirdParty: [] }, { thirdParty: [] }] }),
    fails: { words: ['se', 'matrix', '--to', 'NO-SE'], says: noStorageElement, code: 1 },
  },
  'se list': {
    wrong: { words: ['se', 'list', 'DEMO-S3'], says: /"DEMO-S3" is one word too many/ },
    words: () => ['se', 'list'],
    text: () => /^StorageElement Access +Endpoint +Bucket +Read.*\n=+\nDEMO-S3 +via-gateway http:\S+ +demo-data Active/,
    json: () => ({ storageElements: [{ name: 'DEMO-S3', access: 'via-gateway', bucket: 'demo-data' }] }),
    fails: { words: ['se', 'list', ...noGateway], says: /\(gateway-unavailable\)/, code: 4 },
  },
  whoami: {
    wrong: { words: ['whoami', '--as', 'alice:demo_user'], says: /everybody else knows you by your proxy or token/ },
    words: () => ['whoami'],
    text: () => /^user +alice\ngroup +demo_user\nvo +demo\nproperties +NormalUser\n/,
    json: () => ({ username: 'alice', group: 'demo_user', vo: 'demo', properties: ['NormalUser'], credential: { kind: 'token' } }),
    fails: { words: ['whoami', ...noGateway], says: /\(gateway-unavailable\)/, code: 4 },
  },
  login: {
    wrong: { words: ['login', '--issuer', 'https://issuer.example.org'], says: /--client-id is needed/ },
    words: ({ issuer }) => ['login', '--issuer', issuer.url, '--client-id', 'dirac-s3'],
    text: (_, { issuer }) => new RegExp(`^logged in at ${literally(issuer.url)}; the token is good until 20`),
    json: (_, { issuer }) => ({ issuer: issuer.url }),
    fails: { words: ['login', '--issuer', 'http://127.0.0.1:1', '--client-id', 'x'], says: /127\.0\.0\.1:1/, code: 4 },
    env: ({ directory }) => ({ XDG_STATE_HOME: join(directory, 'state') }),
  },
  logout: {
    wrong: { words: ['logout', 'now'], says: /"now" is one word too many/ },
    words: () => ['logout'],
    text: () => 'nobody was logged in\n',
    json: () => ({ outcome: 'nobody' }),
    fails: { words: ['logout', '--cfg', 'none.cfg'], says: /none\.cfg/, code: 3 },
    env: ({ directory }) => ({ XDG_STATE_HOME: join(directory, 'other-state') }),
  },
  completion: {
    wrong: { words: ['completion'], says: /SHELL is missing/ },
    words: () => ['completion', 'bash'],
    text: () => /^# Completion of dirac-s3 for bash\n/,
    json: () => ({}),
    fails: { words: ['completion', 'fish'], says: /no completion for "fish"/, code: 2 },
  },
  'aliases install': {
    wrong: { words: ['aliases', 'install'], says: /DIR is missing/ },
    words: async (world) => {
      const directory = join(world.directory, world.fresh());
      await mkdir(directory);
      return ['aliases', 'install', directory];
    },
    text: ([, , directory]) => new RegExp(`^${directory}/dirac-dms-add-file\n${directory}/`),
    json: () => ({}),
    fails: { words: ['aliases', 'install', 'no-such-directory'], says: /no-such-directory is not a directory/, code: 1 },
  },
  'aliases list': {
    wrong: { words: ['aliases', 'list', 'all'], says: /"all" is one word too many/ },
    words: () => ['aliases', 'list'],
    text: () => /^DIRAC +Here\n=+\ndirac-dms-add-file +dirac-s3 put\n/,
    json: () => ({}),
    fails: { words: ['aliases', 'list', '--output', 'xml'], says: /--output must be text or json/, code: 2 },
  },
};
