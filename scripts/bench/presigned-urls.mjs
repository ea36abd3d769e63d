// @ts-check
import { createS3Presigner } from '../../packages/core/dist/adapters/s3/index.js';
import { parseLfn, Secret, singleResult } from '../../packages/core/dist/index.js';
import { createDirectUrlSource } from '../../packages/core/dist/presign/index.js';
import { storageElementOf } from '../../packages/core/dist/testing/index.js';

/**
 * URLs for programs that have no keys.
 * @param {import('../world/configuration.mjs').Store} store @param {'get_object' | 'put_object'} method @param {string[]} names
 */
export async function presignUrls(store, method, names) {
  const { hostname, port } = new URL(store.origin);
  const endpoint = { secure: false, host: hostname, port: Number(port) };
  const element = storageElementOf('BENCH', { endpoint, bucket: store.bucket, region: store.region });
  const keys = { accessKeyId: store.credentials.accessKeyId, secretAccessKey: new Secret(store.credentials.secretAccessKey) };
  const urls = createDirectUrlSource({
    registry: { find: () => element, all: () => [element] },
    presigner: createS3Presigner({ credentials: { credentialsOf: () => keys } }),
    clock: { now: () => new Date() },
    vo: undefined,
  });
  const upload = method === 'put_object' ? { upload: /** @type {const} */ ('put') } : {};
  /** @type {string[]} */
  const signed = [];
  for (const name of names) {
    const lfn = parseLfn(name);
    signed.push(singleResult(await urls.presign({ storageElement: 'BENCH', method, ...upload, items: [{ lfn }] })).url);
  }
  return signed;
}
