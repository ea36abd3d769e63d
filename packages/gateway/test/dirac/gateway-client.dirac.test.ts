import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { elements, userDn } from '../../../../scripts/dirac/configuration.mjs';
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

const invalid = { OK: false, Errno: 22 };

describe.each(versions)('S3GatewayClient of DIRAC %s', (version) => {
  let installation: Installation;
  let alice: Client;
  let dave: Client;

  beforeAll(async () => {
    installation = await install(version);
    [alice, dave] = await Promise.all([installation.client('alice'), installation.client('dave')]);
  }, 120_000);
  afterAll(closeInstallations, 60_000);

  const ask = (client: Client, method: string, args: unknown[] = [], construction: Record<string, unknown> = {}): Promise<Answer> =>
    client.ask({ through: 'gateway', client: construction, method, arguments: args });
  const s3Url = (lfn: string): string => `s3://${new URL(given().store.origin).host}/${given().store.bucket}${lfn}`;
  const url = s3Url('/demo/user/a/alice/client.bin');
  const presign = (client: Client, ...args: unknown[]): Promise<Answer> => ask(client, 'createPresignedUrl', args);

  describe('what every service has', () => {
    it('ping', async () => {
      const answer = await ask(alice, 'ping');
      expect(answer).toMatchObject({ OK: true, Value: { name: 'DataManagement/S3Gateway' } });
    });

    it('echo', async () => {
      expect(await ask(alice, 'echo', ['ünïcode'])).toMatchObject({ OK: true, Value: 'ünïcode' });
    });

    it('whoami', async () => {
      expect(await ask(alice, 'whoami')).toMatchObject({
        OK: true,
        Value: {
          DN: userDn('alice'),
          identity: userDn('alice'),
          username: 'alice',
          group: 'demo_user',
          VO: 'demo',
          properties: ['NormalUser'],
          isProxy: true,
          isLimitedProxy: false,
        },
      });
    });

    it('no other method', async () => {
      expect(await ask(alice, 'noSuchMethod')).toMatchObject({ OK: false, Errno: 38 });
    });
  });

  describe('createPresignedUrl', () => {
    it('takes a list of URLs as well as a dictionary', async () => {
      const [first, second] = [s3Url('/demo/user/a/alice/1'), s3Url('/demo/user/a/alice/2')];
      for (const urls of [[first, second], { [first]: false, [second]: 0 }]) {
        const answer = await presign(alice, elements.plain, 'get_object', urls, 600);
        expect(answer.OK).toBe(true);
        expect(failedOf(answer)).toEqual({});
        expect(Object.keys(successfulOf(answer)).sort()).toEqual([first, second]);
      }
    });

    it('signs for the time that was asked for', async () => {
      const answer = await presign(alice, elements.plain, 'get_object', { [url]: false }, 1234);
      expect(new URL(String(valueOf(answer, url))).searchParams.get('X-Amz-Expires')).toBe('1234');
    });

    it('binds the fields of an upload into its policy', async () => {
      const answer = await presign(alice, elements.plain, 'put_object', { [url]: { 'x-amz-meta-checksum': '062c0215' } }, 600);
      const { fields } = valueOf(answer, url) as { fields: Record<string, string> };
      expect(fields).toMatchObject({ key: 'demo/user/a/alice/client.bin', 'x-amz-meta-checksum': '062c0215' });
      const policy = Buffer.from(String(fields.policy), 'base64').toString();
      expect(policy).toContain('062c0215');
    });

    it.each([0, -1, 86_401, 1e9, '60', 1.5, null, true])('refuses an expiration of %j', async (expiration) => {
      expect(await presign(alice, elements.plain, 'get_object', { [url]: false }, expiration)).toMatchObject(invalid);
    });

    it.each(['put_object', 'head_object', 'delete_object'])('lets nobody %s for more than an hour', async (method) => {
      expect(await presign(alice, elements.plain, method, { [url]: method === 'put_object' ? {} : false }, 3601)).toMatchObject(invalid);
    });

    it('knows no StorageElement of that name', async () => {
      expect(await presign(alice, 'NO-SUCH-S3', 'get_object', { [url]: false }, 600)).toMatchObject(invalid);
    });

    it('knows no method of that name', async () => {
      const answer = await presign(alice, elements.plain, 'list_objects', { [url]: false }, 600);
      expect(faultOf(answer, url)).toBe('Invalid argument ( 22 : Unknown S3 method list_objects)');
    });

    it('wants a dictionary for uploads', async () => {
      expect(await presign(alice, elements.plain, 'put_object', [url], 600)).toMatchObject({
        ...invalid,
        Message: 'Invalid argument ( 22 : urls has to be a dict <url:fields>)',
      });
    });

    it.each([
      ['of another host', (at: string) => at.replace('127.0.0.1', '127.0.0.2')],
      ['of another port', (at: string) => at.replace(/:\d+\//, ':1/')],
      ['of another bucket', (at: string) => at.replace(/(:\d+\/)[^/]+/, '$1another')],
      ['with dot segments', (at: string) => at.replace('/alice/', '/alice/../alice/')],
      ['with empty segments', (at: string) => at.replace('/alice/', '/alice//')],
      ['of another protocol', (at: string) => at.replace('s3:', 'https:')],
      ['that is none', () => 'not a url'],
    ])('signs no URL %s', async (_what, change) => {
      const changed = change(url);
      const answer = await presign(alice, elements.plain, 'get_object', { [changed]: false }, 600);
      expect(typeof faultOf(answer, changed)).toBe('string');
    });

    it('signs nothing of another user', async () => {
      for (const method of ['head_object', 'get_object', 'put_object', 'delete_object']) {
        const answer = await presign(dave, elements.plain, method, { [url]: method === 'put_object' ? {} : false }, 600);
        expect(faultOf(answer, url)).toBe('Permission denied');
      }
    });
  });

  describe('who is calling', () => {
    const noAccess = { OK: false, Errno: 13, Message: expect.stringContaining('No access to https://localhost:') };

    it.each([
      ['somebody the Registry does not know', 'mallory'],
      ['a user with a group he is not in', 'aliceAsAdmin'],
      ['a user whose certificate is revoked', 'bob'],
    ])('refuses %s', async (_who, proxy) => {
      const stranger = await installation.stranger(proxy);
      expect(await presign(stranger, elements.plain, 'get_object', { [url]: false }, 600)).toMatchObject(noAccess);
      expect(await ask(stranger, 'whoami')).toMatchObject(noAccess);
    });

    const asHost = { useCertificates: true };
    const forAlice = { delegatedDN: userDn('alice'), delegatedGroup: 'demo_user' };

    it('knows a host by its certificate', async () => {
      const answer = await ask(alice, 'whoami', [], asHost);
      expect(answer).toMatchObject({ OK: true, Value: { username: 'localhost', group: 'hosts' } });
    });

    it('lets a trusted host act for a user', async () => {
      const answer = await ask(alice, 'createPresignedUrl', [elements.plain, 'get_object', { [url]: false }, 600], {
        ...asHost,
        ...forAlice,
      });
      expect(valueOf(answer, url)).toMatch(/^http:/);
      const forDave = { ...asHost, delegatedDN: userDn('dave'), delegatedGroup: 'demo_user' };
      expect(faultOf(await ask(alice, 'createPresignedUrl', [elements.plain, 'get_object', { [url]: false }, 600], forDave), url)).toBe(
        'Permission denied',
      );
    });

    it('lets no user act for another', async () => {
      expect(await ask(dave, 'createPresignedUrl', [elements.plain, 'get_object', { [url]: false }, 600], forAlice)).toMatchObject(
        noAccess,
      );
    });
  });
});
