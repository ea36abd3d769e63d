// @ts-check
/**
 * One transfer by the storage library in a process of its own, or one URL for another program. Reads a job as JSON on standard input, prints
 * the seconds the transfer took and the peak of this process's memory.
 */
import { readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { createS3Presigner } from '../../packages/core/dist/adapters/s3/index.js';
import { parseLfn, Secret, singleResult } from '../../packages/core/dist/index.js';
import { createDirectUrlSource } from '../../packages/core/dist/presign/index.js';
import { createS3StorageElement } from '../../packages/core/dist/storage/index.js';
import { storageElementOf } from '../../packages/core/dist/testing/index.js';

/** @typedef {import('./transfer-contenders.mjs').Job} Job */

const { store, action, lfn: text, path } = /** @type {Job} */ (await json(process.stdin));
const { hostname, port } = new URL(store.origin);
const element = storageElementOf('BENCH', {
  endpoint: { secure: false, host: hostname, port: Number(port) },
  bucket: store.bucket,
  region: store.region,
});
const keys = { accessKeyId: store.credentials.accessKeyId, secretAccessKey: new Secret(store.credentials.secretAccessKey) };
const urls = createDirectUrlSource({
  registry: { find: () => element, all: () => [element] },
  presigner: createS3Presigner({ credentials: { credentialsOf: () => keys } }),
  clock: { now: () => new Date() },
  vo: undefined,
});
const se = createS3StorageElement({ element, urls });
const lfn = parseLfn(text);

const start = process.hrtime.bigint();
if (action === 'put') singleResult(await se.put([{ lfn, source: { path }, overwrite: true }]));
else if (action === 'get') singleResult(await se.get([{ lfn, path, overwrite: true }]));
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
se.close();

const url = action === 'url-put' ? await urlOf('put_object') : action === 'url-get' ? await urlOf('get_object') : undefined;
const peakKiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN);
process.stdout.write(`${JSON.stringify({ seconds, peakKiB, url })}\n`);

/** @param {'get_object' | 'put_object'} method */
async function urlOf(method) {
  const upload = method === 'put_object' ? { upload: /** @type {const} */ ('put') } : {};
  const signed = singleResult(await urls.presign({ storageElement: 'BENCH', method, ...upload, items: [{ lfn }] }));
  return signed.url;
}
