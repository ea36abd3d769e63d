import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operations } from '../../src/rest/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { signature } from '../support/services.js';
import { secretAccessKey } from '../support/settings.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** A request to everything there is, with tokens of every kind and secrets in every place a caller can put them. */
async function callEverything(tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    for (const { path, method } of operations) await (await gateway.call(path, { token, body: method === 'post' ? {} : undefined })).text();
    const places: [string, string, object][] = [
      ['/presign', 'get_object', { lfn: '/vo/a' }],
      ['/presign', 'put_object', { lfn: '/vo/a', sizeBytes: 1 }],
      ['/presign', 'get_object', { lfn: `/vo/x?X-Amz-Signature=${signature}missing` }],
      ['/presign', 'get_object', { lfn: '/vo/a', [`Bearer ${token}`]: 1 }],
    ];
    for (const [path, storageMethod, item] of places) {
      await (await gateway.call(path, { token, body: { storageElement: 'CERN-S3', method: storageMethod, items: [item] } })).text();
    }
    await (await gateway.call(`/whoami?access_token=${token}&X-Amz-Signature=${signature}`, { token })).text();
    await (await gateway.call(`/nope/${token}`, { token })).text();
    await (await gateway.call('/whoami', { token, headers: { 'x-request-id': token.slice(0, 64) } })).text();
  }
}

describe('the log of a whole run', () => {
  it('holds no token, no signature and no key', async () => {
    const good = await gateway.issuer.mint({ username: 'alice', group: 'vo_user' });
    const refused = await gateway.issuer.mint({ username: 'carol', group: 'vo_user' });
    const expired = await gateway.issuer.mint({ username: 'alice', group: 'vo_user', lifetimeSeconds: -100 });
    await callEverything([good, refused, expired]);
    const log = gateway.rawLog();
    expect(gateway.log().length).toBeGreaterThan(100);
    for (const token of [good, refused, expired]) {
      for (const part of token.split('.')) expect(log.includes(part)).toBe(false);
    }
    expect(log).not.toContain(signature);
    expect(log).not.toContain(secretAccessKey);
    expect(log).not.toMatch(/eyJ/);
  });

  it('has one access line per request, with who asked and how it ended', async () => {
    await (await gateway.call('/whoami', { headers: { 'x-request-id': 'access-1' } })).text();
    await (await gateway.call('/health/live', { headers: { 'x-request-id': 'access-2' }, token: '' })).text();
    const lines = gateway.log().filter(({ msg, requestId }) => msg === 'request' && String(requestId).startsWith('access-'));
    expect(lines).toEqual([
      expect.objectContaining({ level: 'info', method: 'GET', path: '/api/v1/whoami', status: 200, finished: true, username: 'alice' }),
      expect.objectContaining({ level: 'debug', path: '/api/v1/health/live', status: 200 }),
    ]);
    expect(lines[1]).not.toHaveProperty('username');
  });
});
