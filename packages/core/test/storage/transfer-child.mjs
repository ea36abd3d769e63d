/**
 * One transfer in a process of its own, that a test can kill: `node transfer-child.mjs DIST put|get URL-SERVER SOURCE-OR-COPY LFN PORT`. URLs come
 * from the test, which signs them; progress goes to standard output.
 */
import { pathToFileURL } from 'node:url';

const [, , dist, action, signer, path, lfn, element] = process.argv;
const { createS3StorageElement } = await import(pathToFileURL(`${dist}/storage/index.js`).href);
const ask = async (call, body) => {
  const response = await fetch(signer, { method: 'POST', body: JSON.stringify({ call, body }) });
  const { successful, failed } = await response.json();
  const revive = (value) => ({ ...value, expiresAt: new Date(value.expiresAt) });
  return { successful: new Map(successful.map(([name, value]) => [name, revive(value)])), failed: new Map(failed) };
};
const parsed = JSON.parse(element);
const se = createS3StorageElement({
  element: { ...parsed, voBuckets: new Map() },
  urls: { presign: (request) => ask('presign', request) },
  multipart: {
    begin: (storageElement, uploads) => ask('begin', { storageElement, uploads }),
    renew: (storageElement, uploads) => ask('renew', { storageElement, uploads }),
  },
  pieces: { partBytes: 5 * 1024 * 1024, rangeBytes: 1024 * 1024, parallel: 2 },
});
const onProgress = ({ phase, doneBytes }) => console.log(`${phase} ${doneBytes}`);
const { failed } =
  action === 'put' ? await se.put([{ lfn, source: { path } }], { onProgress }) : await se.get([{ lfn, path }], { onProgress });
se.close();
for (const fault of failed.values()) {
  console.error(fault.message);
  process.exitCode = 1;
}
