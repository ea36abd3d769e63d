import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adler32 } from '@dirac-s3/core';
import { elements } from '../../../../scripts/dirac/configuration.mjs';
import { given } from '../../../../scripts/dirac/facts.mjs';
import type { Answer } from '../../../../scripts/dirac/site.mjs';
import {
  closeInstallations,
  failedOf,
  faultOf,
  install,
  successfulOf,
  valueOf,
  versions,
  type Client,
  type Installation,
} from './facts.js';

const refused = 'Permission denied';
const home = '/demo/user/a/alice';

describe.each(versions)('the S3 StorageElement of DIRAC %s', (version) => {
  let installation: Installation;
  let alice: Client;
  let dave: Client;
  let carol: Client;

  beforeAll(async () => {
    installation = await install(version);
    [alice, dave, carol] = await Promise.all([installation.client('alice'), installation.client('dave'), installation.client('carol')]);
  }, 120_000);
  afterAll(closeInstallations, 60_000);

  const localFile = async (client: Client, name: string, bytes = randomBytes(100_000)): Promise<Buffer> => {
    await mkdir(client.home, { recursive: true });
    await writeFile(join(client.home, name), bytes);
    return bytes;
  };

  it('is the release it is said to be', () => {
    expect(alice.version).toBe(version);
  });

  describe.each([
    ['its own section', elements.plain],
    ['a base', elements.derived],
    ['a base, with another bucket', elements.derivedOther],
  ])('defined by %s', (_how, element) => {
    const lfn = `${home}/${element}/data.bin`;
    const absent = `${home}/${element}/absent.bin`;
    const mine = `/demo/user/d/dave/${element}.bin`;
    let bytes: Buffer;

    const ask = async (client: Client, method: string, ...args: unknown[]): Promise<Answer> =>
      client.ask({ element, method, arguments: args });
    const get = async (client: Client, name: string, folder: string): Promise<Answer> => {
      const localPath = join(client.home, folder);
      await mkdir(localPath, { recursive: true });
      return client.ask({ element, method: 'getFile', arguments: [name], options: { localPath } });
    };
    const url = async (client: Client, name: string, protocol: unknown): Promise<Answer> =>
      client.ask({ element, method: 'getURL', arguments: [name], options: { protocol } });

    it('takes a file of its owner', async () => {
      bytes = await localFile(alice, 'data.bin');
      expect(valueOf(await ask(alice, 'putFile', { [lfn]: join(alice.home, 'data.bin') }), lfn)).toBe(bytes.length);
    });

    it('takes nothing from another user', async () => {
      await localFile(dave, 'theirs.bin');
      const name = `${home}/${element}/theirs.bin`;
      expect(faultOf(await ask(dave, 'putFile', { [name]: join(dave.home, 'theirs.bin') }), name)).toBe(refused);
      expect(valueOf(await ask(alice, 'exists', name), name)).toBe(false);
    });

    it('lets nobody else remove what is not registered yet', async () => {
      expect(faultOf(await ask(dave, 'removeFile', lfn), lfn)).toBe(refused);
      expect(valueOf(await ask(alice, 'getFileSize', lfn), lfn)).toBe(bytes.length);
    });

    it('finishes with the registration', async () => {
      await installation.register('alice', lfn, element);
    });

    it('takes no second file of a registered name', async () => {
      await localFile(alice, 'second.bin');
      const answer = await ask(alice, 'putFile', { [lfn]: join(alice.home, 'second.bin') });
      expect(faultOf(answer, lfn)).toMatch(/exists|registered/i);
      expect(valueOf(await ask(alice, 'getFileSize', lfn), lfn)).toBe(bytes.length);
    });

    it.each(['exists', 'isFile'])('%s: true, false, or refused', async (method) => {
      expect(valueOf(await ask(alice, method, lfn), lfn)).toBe(true);
      expect(valueOf(await ask(alice, method, absent), absent)).toBe(false);
      expect(faultOf(await ask(dave, method, lfn), lfn)).toBe(refused);
      expect(faultOf(await ask(dave, method, absent), absent)).toBe(refused);
      expect(valueOf(await ask(carol, method, lfn), lfn)).toBe(true);
    });

    it('getFileSize: the size, not found, or refused', async () => {
      expect(valueOf(await ask(alice, 'getFileSize', lfn), lfn)).toBe(bytes.length);
      expect(faultOf(await ask(alice, 'getFileSize', absent), absent)).toMatch(/Not Found/);
      expect(faultOf(await ask(dave, 'getFileSize', lfn), lfn)).toBe(refused);
    });

    it('getFileMetadata: with the checksum the upload was given', async () => {
      expect(valueOf(await ask(alice, 'getFileMetadata', lfn), lfn)).toMatchObject({
        Checksum: adler32(bytes),
        Size: bytes.length,
        File: true,
        Directory: false,
        Accessible: true,
      });
      expect(faultOf(await ask(alice, 'getFileMetadata', absent), absent)).toMatch(/Not Found/);
      expect(faultOf(await ask(dave, 'getFileMetadata', lfn), lfn)).toBe(refused);
    });

    it('getFile: the same bytes', async () => {
      expect(valueOf(await get(alice, lfn, element), lfn)).toBe(bytes.length);
      expect((await readFile(join(alice.home, element, 'data.bin'))).equals(bytes)).toBe(true);
    });

    it('getFile: not found, or refused', async () => {
      expect(faultOf(await get(alice, absent, element), absent)).toMatch(/404|Not Found/);
      expect(faultOf(await get(dave, lfn, element), lfn)).toBe(refused);
    });

    it('answers for present, absent and forbidden files in one call', async () => {
      await localFile(dave, 'mine.bin');
      expect(valueOf(await ask(dave, 'putFile', { [mine]: join(dave.home, 'mine.bin') }), mine)).toBe(100_000);
      const answer = await ask(alice, 'exists', [lfn, absent, mine]);
      expect(answer.OK).toBe(true);
      expect(successfulOf(answer)).toEqual({ [lfn]: true, [absent]: false });
      expect(failedOf(answer)).toEqual({ [mine]: refused });
    });

    it.each([['http'], [['http']], [['https', 'http']], [['root', 'http']]])(
      'getTransportURL with %j: a URL for a day',
      async (protocol) => {
        const signed = new URL(String(valueOf(await url(alice, lfn, protocol), lfn)));
        expect(signed.protocol).toBe('http:');
        expect(signed.searchParams.get('X-Amz-Expires')).toBe('86400');
        expect(Buffer.from(await (await fetch(signed)).arrayBuffer()).equals(bytes)).toBe(true);
      },
    );

    it.each([['s3'], [['s3', 'http']], [false]])('getTransportURL with %j: the s3 URL, without asking', async (protocol) => {
      expect(valueOf(await url(dave, lfn, protocol), lfn)).toMatch(new RegExp(`^s3://127\\.0\\.0\\.1:\\d+/[\\w-]+${lfn}$`));
    });

    it('getTransportURL with "https": not supported where the store speaks http', async () => {
      expect(faultOf(await url(alice, lfn, 'https'), lfn)).toBe('Protocol not supported ( 93 : Only http protocol is supported)');
    });

    it('getTransportURL with ["root","xroot"]: no protocol of this plugin', async () => {
      expect(await url(alice, lfn, ['root', 'xroot'])).toMatchObject({ OK: false, Message: expect.stringMatching(/plugin|protocol/i) });
    });

    it('getTransportURL: refused', async () => {
      expect(faultOf(await url(dave, lfn, 'http'), lfn)).toBe(refused);
    });

    it('does the same when the plugin is used without the StorageElement', async () => {
      const s3Url = String(valueOf(await url(alice, lfn, 's3'), lfn));
      const plugin = (client: Client, method: string, ...args: unknown[]): Promise<Answer> =>
        client.ask({ through: 'plugin', element, method, arguments: args });
      expect(valueOf(await plugin(alice, 'exists', { [s3Url]: false }), s3Url)).toBe(true);
      expect(valueOf(await plugin(alice, 'isFile', { [s3Url]: false }), s3Url)).toBe(true);
      expect(valueOf(await plugin(alice, 'getFileSize', { [s3Url]: false }), s3Url)).toBe(bytes.length);
      expect(valueOf(await plugin(alice, 'getFileMetadata', { [s3Url]: false }), s3Url)).toMatchObject({ Checksum: adler32(bytes) });
      expect(valueOf(await plugin(alice, 'getTransportURL', { [s3Url]: false }, ['http']), s3Url)).toMatch(/^http:.*X-Amz-Signature=/);
      expect(faultOf(await plugin(dave, 'exists', { [s3Url]: false }), s3Url)).toBe(refused);
      expect(faultOf(await plugin(dave, 'removeFile', { [s3Url]: false }), s3Url)).toBe(refused);
    });

    it('removes for its owner only', async () => {
      expect(faultOf(await ask(dave, 'removeFile', lfn), lfn)).toBe(refused);
      expect(valueOf(await ask(alice, 'exists', lfn), lfn)).toBe(true);
      expect(valueOf(await ask(alice, 'removeFile', lfn), lfn)).toBe(true);
      expect(valueOf(await ask(alice, 'exists', lfn), lfn)).toBe(false);
    });

    it('says that a file which is not there is removed', async () => {
      expect(valueOf(await ask(alice, 'removeFile', absent), absent)).toBe(true);
    });
  });

  describe('told in other ways', () => {
    const lfn = `${home}/ways/data.bin`;
    let bytes: Buffer;

    beforeAll(async () => {
      bytes = await localFile(alice, 'ways.bin');
      const put = await alice.ask({ element: elements.plain, method: 'putFile', arguments: [{ [lfn]: join(alice.home, 'ways.bin') }] });
      expect(valueOf(put, lfn)).toBe(bytes.length);
      await installation.register('alice', lfn, elements.plain);
    });

    const url = async (client: Client, element: string, protocol: unknown): Promise<Answer> =>
      client.ask({ element, method: 'getURL', arguments: [lfn], options: { protocol } });

    it('names another bucket of the same base, where the object is not', async () => {
      const { store } = given();
      const signed = String(valueOf(await url(alice, elements.derivedOther, 'http'), lfn));
      expect(new URL(signed).pathname).toBe(`/${store.anotherBucket}${lfn}`);
      expect((await fetch(signed)).status).toBe(404);
    });

    it('signs for the default port when Port is 0', async () => {
      const signed = new URL(String(valueOf(await url(alice, elements.defaultPort, 'http'), lfn)));
      expect(signed.host).toBe('127.0.0.1');
      // Nothing listens on port 80: the same request at the port of the store, with the host name that was signed.
      const answer = await fetchAs(signed, given().store.origin);
      expect(answer.equals(bytes)).toBe(true);
    });

    it('signs https URLs where the connection is secure', async () => {
      const { store } = given();
      const signed = new URL(String(valueOf(await url(alice, elements.secure, ['http', 'https']), lfn)));
      expect(signed.origin).toBe(store.secureOrigin);
      expect((await fetchWithCa(signed, await readFile(store.caFile))).equals(bytes)).toBe(true);
      expect(faultOf(await url(alice, elements.secure, 'http'), lfn)).toMatch(/Only https protocol is supported/);
    });

    it('is banned for the client, which does not even ask', async () => {
      const answer = await alice.ask({ element: elements.banned, method: 'exists', arguments: [lfn] });
      expect(answer).toMatchObject({ OK: false, Errno: 13 });
    });

    it('is banned by the gateway too, where the client forgets to look', async () => {
      expect(faultOf(await url(alice, elements.banned, 'http'), lfn)).toMatch(/banned/i);
    });

    it('serves no other VO for the client', async () => {
      expect(await url(alice, elements.otherVo, 'http')).toMatchObject({ OK: false, Message: expect.stringContaining('VO') });
    });

    it('dirac-dms-pfn-metadata tells size and checksum', async () => {
      const { stdout } = await installation.run('alice', ['dirac-dms-pfn-metadata', lfn, elements.plain]);
      expect(stdout).toContain(`'Checksum': '${adler32(bytes)}'`);
      expect(stdout).toContain(`'Size': ${bytes.length}`);
      const other = await installation.run('dave', ['dirac-dms-pfn-metadata', lfn, elements.plain]);
      expect(other.stdout).toContain(`'Failed': {'${lfn}': 'Permission denied'}`);
    });

    it('dirac-dms-show-se-status lists it', async () => {
      const { stdout } = await installation.run('alice', ['dirac-dms-show-se-status']);
      expect(stdout).toMatch(/^PLAIN-S3 +Active/m);
      expect(stdout).toMatch(/^BANNED-S3 +Banned/m);
    });
  });
});

/** The URL asked at another origin, with the host it was signed for. */
async function fetchAs(signed: URL, origin: string): Promise<Buffer> {
  const { hostname, port } = new URL(origin);
  return body((done) => plainRequest({ hostname, port, path: signed.pathname + signed.search, headers: { host: signed.host } }, done));
}

async function fetchWithCa(signed: URL, ca: Buffer): Promise<Buffer> {
  return body((done) => secureRequest(signed, { ca }, done));
}

function body(start: (done: (response: IncomingMessage) => void) => ClientRequest): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const sent = start((response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks));
          else reject(new Error(`status ${response.statusCode}: ${Buffer.concat(chunks).toString()}`));
        });
    });
    sent.once('error', reject).end();
  });
}
