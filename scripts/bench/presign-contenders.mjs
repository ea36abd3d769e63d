// @ts-check
import { createRequire } from 'node:module';
import { createS3Presigner } from '../../packages/core/dist/adapters/s3/index.js';
import { createIdentity, Secret } from '../../packages/core/dist/index.js';
import { createPresignUrls } from '../../packages/core/dist/presign/index.js';
import { storageElementOf } from '../../packages/core/dist/testing/index.js';

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {'GET URL' | 'POST form'} kind
 * @property {(count: number) => Promise<number>} run Signs so many and gives the seconds it took.
 */

export const endpoint = 'https://s3.example.org';
const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

const storageElement = storageElementOf('BENCH', { endpoint: { secure: true, host: new URL(endpoint).host, port: undefined } });

/** @returns {Contender[]} */
export function javascriptContenders() {
  const keys = { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  const presigner = createS3Presigner({ credentials: { credentialsOf: () => keys } });
  const clock = { now: () => new Date() };
  const presignUrls = createPresignUrls({
    registry: { find: () => storageElement, all: () => [storageElement] },
    permissions: { checkPermission: async ({ lfns }) => new Map(lfns.map((lfn) => [lfn, /** @type {const} */ ({ allowed: true })])) },
    replicas: { lookUpReplicas: async (lfns) => new Map(lfns.map((lfn) => [lfn, /** @type {const} */ ({ registered: false })])) },
    presigner,
    audit: { record: async () => {} },
    clock,
    policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
  });
  const identity = createIdentity({ username: 'alice', group: 'users', vo: 'vo', properties: [], source: 'local' });
  /** The use case on one request of so many LFNs. @param {'get_object' | 'put_object'} method */
  const useCase = (method) => (/** @type {number} */ count) => {
    const items = names(count).map((lfn) => ({ lfn }));
    return timed(async () => {
      const { failed } = await presignUrls({ storageElement: 'BENCH', method, items, identity, requestId: 'bench' });
      if (failed.size > 0) throw new Error('a URL was refused');
    });
  };
  /** The presigner alone. @param {'get_object' | 'put_object'} method */
  const bare = (method) => (/** @type {number} */ count) => {
    const targets = names(count).map((lfn) => ({
      storageElement,
      bucket: 'bucket',
      key: lfn.slice(1),
      method,
      upload: method === 'put_object' ? 'post' : 'put',
      signWith: 'main',
      item: { lfn },
      expirationSeconds: 3600,
    }));
    const now = clock.now();
    return timed(async () => {
      // Only the use case can make authorised targets; what is measured here needs none of its decisions.
      for (const target of targets) await presigner.presign(/** @type {any} */ (target), now);
    });
  };
  return [
    { name: 'presignUrls', kind: 'GET URL', run: useCase('get_object') },
    { name: 'presigner alone', kind: 'GET URL', run: bare('get_object') },
    { name: 'AWS SDK getSignedUrl', kind: 'GET URL', run: sdkContender() },
    { name: 'presignUrls ', kind: 'POST form', run: useCase('put_object') },
    { name: 'presigner alone ', kind: 'POST form', run: bare('put_object') },
  ];
}

/** `getSignedUrl` as its documentation has it, with one client for all. */
function sdkContender() {
  const requireFromCore = createRequire(new URL('../../packages/core/package.json', import.meta.url));
  const { S3Client, GetObjectCommand } = requireFromCore('@aws-sdk/client-s3');
  const { getSignedUrl } = requireFromCore('@aws-sdk/s3-request-presigner');
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return (/** @type {number} */ count) =>
    timed(async () => {
      for (const lfn of names(count))
        await getSignedUrl(client, new GetObjectCommand({ Bucket: 'bucket', Key: lfn.slice(1) }), { expiresIn: 3600 });
    });
}

/** @param {number} count */
function names(count) {
  return Array.from({ length: count }, (_, index) => `/vo/user/a/alice/run ${index}/data.bin`);
}

/** @param {() => Promise<void>} work */
async function timed(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
