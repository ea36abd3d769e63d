// @ts-check
/** What an administrator of DIRAC does to the configuration of the installation. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { built } from '../world/world.mjs';

/**
 * Commits a change of the central configuration to its server.
 * @param {{pki: string, configurationUrl: string, central: string}} facts `central`: the file the server keeps it in
 * @param {(text: string) => string} edit
 */
export async function changeConfiguration({ pki, configurationUrl, central }, edit) {
  const { createDiracService } = await import(built('core/dist/dirac-protocol/index.js'));
  const { parseProxyFile } = await import(built('core/dist/x509/index.js'));
  const read = (/** @type {string} */ name) => readFile(join(pki, name), 'utf8');
  const { certificatesPem, keyPem } = parseProxyFile((await read('host.crt')) + (await read('host.key')));
  const service = createDiracService({
    service: 'Configuration/Server',
    urls: [configurationUrl],
    certificate: { certChainPem: certificatesPem, keyPem },
    caPem: [await read('ca-bundle.pem')],
    asHost: true,
  });
  try {
    await service.call('commitNewData', [deflateSync(edit(await readFile(central, 'utf8')))]);
  } finally {
    service.close();
  }
}
