import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IssuerSettings } from '@dirac-s3/core/config';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createDevelopmentIssuer } from '../../src/testing/development-issuer.js';
import { tokenAuthenticator } from '../support/authenticator.js';
import { issuerSettings } from '../support/settings.js';

const everythingButDate = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

let folder: string;
const file = (name: string): string => join(folder, name);
const user = { username: 'alice', group: 'vo_user' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function open(settings: IssuerSettings): Promise<(token: string) => Promise<string>> {
  const authenticate = await tokenAuthenticator([settings]);
  return async (token) =>
    authenticate({ authorization: [`Bearer ${token}`], certificates: [] }, 'Default').then(
      () => 'accepted',
      (fault: unknown) => (fault as { code: string }).code,
    );
}

describe('keys in a file', () => {
  it('count anew when the file is replaced, without a restart', async () => {
    const first = await createDevelopmentIssuer({ jwksFile: file('jwks.json') });
    const present = await open(issuerSettings(first, { file: file('jwks.json') }));
    const oldToken = await first.mint(user);
    expect(await present(oldToken)).toBe('accepted');

    const second = await createDevelopmentIssuer({ jwksFile: file('next.json') });
    await rename(file('next.json'), file('jwks.json'));
    expect(await present(await second.mint(user))).toBe('accepted');
    expect(await present(oldToken)).toBe('unauthenticated');
  });

  it('accept nothing while the file is broken or gone, and everything again when it is back', async () => {
    const issuer = await createDevelopmentIssuer({ jwksFile: file('jwks.json') });
    const present = await open(issuerSettings(issuer, { file: file('jwks.json') }));
    const token = await issuer.mint(user);
    const good = await readFile(file('jwks.json'));
    await writeFile(file('jwks.json'), '{');
    expect(await present(token)).toBe('gateway-unavailable');
    await rm(file('jwks.json'));
    expect(await present(token)).toBe('gateway-unavailable');
    await writeFile(file('jwks.json'), good);
    expect(await present(token)).toBe('accepted');
  });
});

describe('keys at a URL', () => {
  let server: Server;
  let answer: () => { status: number; body: string; headers?: Record<string, string> };
  let fetched = 0;
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;

  beforeEach(async () => {
    fetched = 0;
    server = createServer((_request, response) => {
      fetched += 1;
      const { status, body, headers = {} } = answer();
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('are fetched when first needed, then cached', async () => {
    const issuer = await createDevelopmentIssuer({ jwksFile: file('jwks.json') });
    const body = await readFile(file('jwks.json'), 'utf8');
    answer = () => ({ status: 200, body });
    const present = await open(issuerSettings(issuer, { url: url() }));
    expect(fetched).toBe(0);
    const token = await issuer.mint(user);
    expect([await present(token), await present(token)]).toEqual(['accepted', 'accepted']);
    expect(fetched).toBe(1);
  });

  it.each([
    ['answers with an error', { status: 500, body: '' }],
    ['answers with something else', { status: 200, body: '<html>' }],
    ['answers with no key set', { status: 200, body: '{}' }],
    ['redirects', { status: 302, body: '', headers: { location: '/elsewhere' } }],
  ])('accept nothing while the server %s, and say that it may pass', async (_title, broken) => {
    const issuer = await createDevelopmentIssuer({ jwksFile: file('jwks.json') });
    answer = () => broken;
    const present = await open(issuerSettings(issuer, { url: url() }));
    expect(await present(await issuer.mint(user))).toBe('gateway-unavailable');
  });

  it('accept nothing while the server is down', async () => {
    const issuer = await createDevelopmentIssuer({ jwksFile: file('jwks.json') });
    const present = await open(issuerSettings(issuer, { url: url() }));
    server.close();
    expect(await present(await issuer.mint(user))).toBe('gateway-unavailable');
  });

  it('are asked for again when a token has an unknown key, so that keys roll without a restart; but not all the time', async () => {
    const first = await createDevelopmentIssuer({ jwksFile: file('first.json') });
    const second = await createDevelopmentIssuer({ jwksFile: file('second.json'), keyId: 'rolled-key' });
    answer = () => ({ status: 200, body: served });
    let served = await readFile(file('first.json'), 'utf8');
    const present = await open(issuerSettings(first, { url: url() }));
    expect(await present(await first.mint(user))).toBe('accepted');

    served = await readFile(file('second.json'), 'utf8');
    const rolled = await second.mint(user);
    expect([await present(rolled), await present(rolled)]).toEqual(['unauthenticated', 'unauthenticated']);
    expect(fetched).toBe(1);
    jest.useFakeTimers({ now: Date.now() + 31_000, doNotFake: [...everythingButDate] });
    try {
      expect([await present(rolled), await present(rolled)]).toEqual(['accepted', 'accepted']);
      expect(fetched).toBe(2);
      expect(await present(await first.mint(user))).toBe('unauthenticated');
    } finally {
      jest.useRealTimers();
    }
  });

  it('accept nothing when the server does not answer in five seconds', async () => {
    const issuer = await createDevelopmentIssuer({ jwksFile: file('jwks.json') });
    server.removeAllListeners('request').on('request', () => undefined);
    const present = await open(issuerSettings(issuer, { url: url() }));
    const start = performance.now();
    expect(await present(await issuer.mint(user))).toBe('gateway-unavailable');
    expect(performance.now() - start).toBeLessThan(8_000);
  }, 15_000);
});
