// @ts-check
/**
 * The two services of DIRAC that every StorageElement operation asks and that are not the subject of the tests, over HTTPS:
 * ResourceStatus (the status of each StorageElement) and Accounting (which swallows).
 */
import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {Record<string, Record<string, string>>} Statuses by element, then by kind: `{ 'SOME-SE': { ReadAccess: 'Banned' } }` */

/**
 * @param {string} pki
 * @param {Statuses} statuses elements it knows; a kind not named is Active
 */
export async function startStatusStub(pki, statuses) {
  const rows = Object.entries(statuses).flatMap(([name, kinds]) =>
    ['ReadAccess', 'WriteAccess', 'CheckAccess', 'RemoveAccess'].map((kind) => [
      name,
      'StorageElement',
      kind,
      kinds[kind] ?? 'Active',
      'all',
    ]),
  );
  const credentials = { key: readFileSync(join(pki, 'host.key')), cert: readFileSync(join(pki, 'host.crt')) };
  const server = createServer({ ...credentials, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    request.resume().on('end', () => {
      const value = request.url === '/ResourceStatus/ResourceStatus' ? rows : true;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ OK: true, Value: value }));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `https://localhost:${port}`, port, close };
}
