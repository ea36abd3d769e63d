import { DiracS3Error } from '@dirac-s3/core';
import { restPrefix } from '@dirac-s3/core/rest-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operations } from '../../src/rest/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const guarded = operations.filter(({ guard }) => guard !== 'public');
const titled = (list: typeof operations) =>
  list.map((operation) => [`${operation.method.toUpperCase()} ${operation.path}`, operation] as const);

describe('every operation is guarded', () => {
  it('by a guard of its own; only these are open', () => {
    expect(operations.filter(({ guard }) => guard === 'public').map(({ path }) => path)).toEqual([
      '/health/live',
      '/health/ready',
      '/openapi.json',
      '/docs',
    ]);
    for (const { guard } of operations) expect(['authenticated', 'public']).toContain(guard);
  });

  it.each(titled(guarded))('%s is 401 without a token, before its body is looked at', async (_title, { path, method }) => {
    for (const body of method === 'post' ? ['{}', '{ broken'] : [undefined]) {
      const response = await gateway.call(path, { token: '', body });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toMatchObject({ code: 'unauthenticated', errno: 1111, status: 401 });
    }
    expect(gateway.services.asked).toEqual([]);
  });

  it.each(titled(guarded))('%s is 401 with a token that is none', async (_title, { path, method }) => {
    const response = await gateway.call(path, { token: 'abc.def.ghi', body: method === 'post' ? {} : undefined });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(gateway.services.asked).toEqual([]);
  });

  it.each(titled(guarded))('%s cannot be run without an identity even past the router', async (_title, operation) => {
    const services = { ...gateway.services, openApiDocument: {}, docsPage: '' };
    const attempt = operation.run({ body: undefined, identity: undefined, requestId: 'r' }, services);
    await expect(attempt).rejects.toThrow(DiracS3Error);
    await expect(attempt).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it.each(titled(guarded.filter(({ method }) => method === 'get')))('%s is 401 for HEAD too', async (_title, { path }) => {
    expect((await gateway.call(path, { method: 'HEAD', token: '' })).status).toBe(401);
  });

  it('and no other spelling of a path leads to one', async () => {
    for (const path of ['/whoami/', '/WhoAmI', '//whoami', '/%77hoami', '/./../v1/whoami/', '/whoami;x']) {
      const response = await gateway.call(path, { token: '' });
      expect([path, response.status]).toEqual([path, 404]);
    }
    expect((await fetch(`${gateway.server.url}${restPrefix.toUpperCase()}/whoami`)).status).not.toBe(200);
  });

  it('and names are unique', () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length);
  });
});

describe('a token that is not good enough', () => {
  it('is told a short reason, the log the full one', async () => {
    const token = await gateway.issuer.mint({ username: 'carol', group: 'vo_user' });
    const response = await gateway.call('/whoami', { token, headers: { 'x-request-id': 'carol-1' } });
    expect(response.status).toBe(401);
    expect(((await response.json()) as { detail: string }).detail).not.toMatch(/suspended/);
    const line = gateway.log().find(({ requestId, msg }) => requestId === 'carol-1' && msg === 'request refused');
    expect(line?.cause).toMatch(/"carol" is suspended for VO "vo"/);
  });

  it('is refused when two come', async () => {
    const good = await gateway.issuer.mint({ username: 'alice', group: 'vo_user' });
    const response = await gateway.call('/whoami', { headers: { authorization: `Bearer ${good}, Bearer ${good}` } });
    expect(response.status).toBe(401);
  });
});
