import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { restPaths, restPrefix } from '@dirac-s3/core/rest-api';
import { elements, userDn } from '../../../../scripts/dirac/configuration.mjs';
import { given } from '../../../../scripts/dirac/facts.mjs';
import type { Answer } from '../../../../scripts/dirac/site.mjs';
import { closeInstallations, faultOf, install, valueOf, versions, type Client, type Installation } from './facts.js';

const lfn = '/demo/user/d/dave/followed.bin';

/** The gateway reads everything but its keys from the Configuration server, and follows it every second here. */
describe.each(versions)('a gateway that follows the Configuration server of DIRAC %s', (version) => {
  let installation: Installation;
  let dave: Client;

  beforeAll(async () => {
    installation = await install(version, { refreshSeconds: 1 });
    dave = await installation.client('dave');
  }, 120_000);
  afterAll(closeInstallations, 60_000);

  const url = (element: string): Promise<Answer> =>
    dave.ask({ element, method: 'getURL', arguments: [lfn], options: { protocol: 'http' } });
  const whoami = (): Promise<Answer> => dave.ask({ through: 'gateway', method: 'whoami', arguments: [] });
  const noAccess = { OK: false, Errno: 13 };
  const central = async (): Promise<string> => {
    const ca = readFileSync(join(given().pki, 'ca-bundle.pem'));
    const body = await new Promise<string>((resolve, reject) => {
      get(`https://localhost:${installation.ports[0]}${restPrefix}${restPaths.ready}`, { ca }, (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (part: string) => (text += part))
          .on('end', () => resolve(text));
      }).once('error', reject);
    });
    return (JSON.parse(body) as { configuration: { central: string } }).configuration.central;
  };

  it('knows users and StorageElements from there', async () => {
    expect(await whoami()).toMatchObject({ OK: true, Value: { username: 'dave' } });
    expect(valueOf(await url(elements.plain), lfn)).toMatch(/^http:/);
    expect(await central()).toBe('current');
  });

  it('lets a user in no more who was suspended, and again who is not', async () => {
    const dn = `DN = ${userDn('dave')}`;
    await installation.changeConfiguration((text) => text.replace(dn, `${dn}\n Suspended = demo`));
    await eventually(async () => expect(await whoami()).toMatchObject(noAccess));
    await installation.changeConfiguration((text) => text.replace(/\n\s*Suspended = demo/, ''));
    await eventually(async () => expect(await whoami()).toMatchObject({ OK: true }));
  });

  it('closes a StorageElement to other VOs', async () => {
    await installation.changeConfiguration((text) => text.replace(/\n(\s*)PLAIN-S3\s*\{/, (start) => `${start}\n VO = other`));
    // The client has its configuration since it started: only the gateway can know.
    await eventually(async () => expect(faultOf(await url(elements.plain), lfn)).toMatch(/VO/));
    expect(valueOf(await url(elements.derived), lfn)).toMatch(/^http:/);
  });

  it('goes on with what it knows while the server is away, and says so', async () => {
    await installation.killConfiguration();
    await eventually(async () => expect(await central()).toBe('stale'));
    expect(await whoami()).toMatchObject({ OK: true, Value: { username: 'dave' } });
    expect(valueOf(await url(elements.derived), lfn)).toMatch(/^http:/);
    await installation.restartConfiguration();
    await eventually(async () => expect(await central()).toBe('current'));
  });
});

/** A refresh every second, and a machine that may be busy. */
async function eventually(check: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 20_000; ;) {
    try {
      await check();
      return;
    } catch (fault) {
      if (Date.now() > deadline) throw fault;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
