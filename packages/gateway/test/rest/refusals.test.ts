import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { DiracS3Error, errorTable } from '@dirac-s3/core';
import { problemSchema } from '@dirac-s3/core/rest-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemOf } from '../../src/rest/problem.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { fakeServices } from '../support/services.js';
import { storageElement } from '../support/settings.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ limits: { maxItems: 5, maxBodyBytes: 2000 } });
});
afterAll(() => gateway.close());

async function problem(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const body = problemSchema.parse(await response.json());
  expect(body.status).toBe(response.status);
  expect(body.requestId).toBe(response.headers.get('x-request-id'));
  expect(body.type).toBe(`urn:dirac-s3:problem:${body.code}`);
  return body;
}

const valid = { storageElement: 'CERN-S3', method: 'get_object', items: [{ lfn: '/vo/a' }] };

describe('a body', () => {
  it.each<[string, unknown, RegExp]>([
    ['that is empty', '', /not valid JSON/],
    ['that is cut off', '{"lfns": ["/vo/a"', /not valid JSON/],
    ['with something behind it', '{"lfns":["/vo/a"]} {}', /not valid JSON, at position 19/],
    ['that is a list', [], /^body: .*expected object, received array/],
    ['that is null', 'null', /^body: .*expected object, received null/],
    ['that is a text', '"lfns"', /^body: .*expected object, received string/],
    ['without the field', {}, /^lfns: /],
    ['with an empty list', { lfns: [] }, /^lfns: /],
    ['with a number for a name', { lfns: ['/vo/a', 7] }, /^lfns\[1\]: .*expected string, received number/],
    ['with an unknown field', { lfns: ['/vo/a'], recursive: true }, /"recursive"/],
    ['with the field __proto__', '{"lfns":["/vo/a"],"__proto__":{"a":1}}', /"__proto__"/],
    ['with bytes that are not UTF-8', Buffer.from('{"lfns":["/vo/\xff"]}', 'latin1'), /not valid UTF-8/],
    ['with a byte order mark', '\ufeff{"lfns":["/vo/a"]}', /not valid JSON/],
  ])('%s is refused and the fault named', async (_title, body, detail) => {
    const answer = await problem(await gateway.call('/catalog/exists', { body }));
    expect(answer.detail).toMatch(detail);
    expect(['invalid-argument', 'request-too-large']).toContain(answer.code);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown method', { ...valid, method: 'put_bucket' }, /^method: /],
    ['an unknown field of an item', { ...valid, items: [{ lfn: '/vo/a', acl: 'public-read' }] }, /^items\[0\]: .*"acl"/],
    ['a size that is no number', { ...valid, items: [{ lfn: '/vo/a', sizeBytes: '7' }] }, /^items\[0\]\.sizeBytes: /],
    ['a size beyond what numbers hold', { ...valid, items: [{ lfn: '/vo/a', sizeBytes: 2 ** 60 }] }, /^items\[0\]\.sizeBytes: /],
    ['a checksum of another form', { ...valid, items: [{ lfn: '/vo/a', checksum: 'XYZ' }] }, /^items\[0\]\.checksum: /],
    ['a lifetime beyond seven days', { ...valid, expirationSeconds: 604_801 }, /^expirationSeconds: /],
    ['metadata that is no text', { ...valid, items: [{ lfn: '/vo/a', metadata: { run: 7 } }] }, /^items\[0\]\.metadata\.run: /],
  ])('for presign with %s is refused and the field named', async (_title, body, detail) => {
    const answer = await problem(await gateway.call('/presign', { body }));
    expect([answer.status, answer.code]).toEqual([400, 'invalid-argument']);
    expect(answer.detail).toMatch(detail);
  });

  it.each([
    ['text/plain', 415],
    ['application/jsonp', 415],
    ['application/json; charset=latin1', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset="UTF-8"', 200],
  ])('declared as %s is answered with %d', async (type, status) => {
    const response = await gateway.call('/catalog/exists', { body: { lfns: ['/vo/a'] }, headers: { 'content-type': type } });
    expect(response.status).toBe(status);
    if (status !== 200) expect((await problem(response)).code).toBe('unsupported-media-type');
  });

  it('without a declared type is refused', async () => {
    const bytes = new Uint8Array(Buffer.from('{"lfns":["/vo/a"]}'));
    const token = await gateway.issuer.mint({ username: 'alice', group: 'vo_user' });
    const response = await fetch(`${gateway.server.url}/api/v1/catalog/exists`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: bytes,
    });
    expect((await problem(response)).code).toBe('unsupported-media-type');
  });

  it('that is compressed is refused: it could unfold without end', async () => {
    const body = new Uint8Array(gzipSync(JSON.stringify({ lfns: ['/vo/a'] })));
    const response = await gateway.call('/catalog/exists', { body, headers: { 'content-encoding': 'gzip' } });
    expect(await problem(response)).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });

  it('beyond the limit is refused, declared or not', async () => {
    const large = { lfns: ['/vo/'.padEnd(3000, 'x')] };
    expect(await problem(await gateway.call('/catalog/exists', { body: large }))).toMatchObject({ status: 413, code: 'request-too-large' });
    const token = await gateway.issuer.mint({ username: 'alice', group: 'vo_user' });
    const status = await new Promise((resolve, reject) => {
      const chunked = httpRequest(
        `${gateway.server.url}/api/v1/catalog/exists`,
        { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      ).on('error', reject);
      chunked.write(JSON.stringify(large).slice(0, 1000));
      chunked.end(JSON.stringify(large).slice(1000));
    });
    expect(status).toBe(413);
  });

  it.each([
    ['/catalog/exists', { lfns: Array.from({ length: 6 }, (_, index) => `/vo/${index}`) }, 'lfns'],
    ['/presign', { ...valid, items: Array.from({ length: 6 }, (_, index) => ({ lfn: `/vo/${index}` })) }, 'items'],
  ])('of %s with more items than allowed is refused before its items are looked at', async (path, body, field) => {
    const answer = await problem(await gateway.call(path, { body }));
    expect(answer).toMatchObject({ status: 413, code: 'too-many-items', errno: 7, detail: `${field}: 6 items, this gateway accepts 5` });
  });

  it('with exactly as many items as allowed is served', async () => {
    expect((await gateway.call('/catalog/exists', { body: { lfns: ['/1', '/2', '/3', '/4', '/5'] } })).status).toBe(200);
  });

  it('is never quoted beyond a line', async () => {
    const answer = await problem(await gateway.call('/catalog/exists', { body: { ['f'.repeat(1500)]: 1 } }));
    expect(answer.detail.length).toBeLessThan(400);
  });
});

describe('a path', () => {
  it('that is not part of the API is 404', async () => {
    for (const path of ['/nope', '', '/catalog']) {
      expect(await problem(await gateway.call(path))).toMatchObject({ status: 404, code: 'not-found' });
    }
    const response = await fetch(`${gateway.server.url}/`);
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(await problem(response)).toMatchObject({ status: 404 });
  });

  it.each([
    ['GET', '/presign', 'POST'],
    ['DELETE', '/whoami', 'GET, HEAD'],
    ['PUT', '/catalog/files', 'POST'],
    ['OPTIONS', '/presign', 'POST'],
  ])('does not answer %s %s', async (method, path, allow) => {
    const response = await gateway.call(path, { method });
    expect(response.headers.get('allow')).toBe(allow);
    expect(await problem(response)).toMatchObject({ status: 405, code: 'method-not-allowed' });
  });

  it('that cannot be decoded is refused as a fault of the caller', async () => {
    const response = await gateway.call('/%');
    expect([400, 404]).toContain(response.status);
    await problem(response);
  });
});

describe('every answer', () => {
  it.each([
    ['a good one', () => gateway.call('/whoami')],
    ['a refusal', () => gateway.call('/whoami', { token: '' })],
    ['an unknown path', () => gateway.call('/nope')],
    ['the page', () => gateway.call('/docs')],
  ])('carries the protective headers: %s', async (_title, call) => {
    const { headers } = await call();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('location')).toBeNull();
  });

  it('carries an id: the one that came when it is sane', async () => {
    const idOf = async (id: string) => (await gateway.call('/whoami', { headers: { 'x-request-id': id } })).headers.get('x-request-id');
    expect(await idOf('a-B-1_2')).toBe('a-B-1_2');
    const made = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    for (const id of ['', 'a b', '../x', '<script>', 'x'.repeat(65), '-x', 'ä']) expect(await idOf(id)).toMatch(made);
    const [one, two] = [await gateway.call('/whoami'), await gateway.call('/whoami')];
    expect(one.headers.get('x-request-id')).not.toBe(two.headers.get('x-request-id'));
  });
});

describe('a fault behind the gateway', () => {
  const failing = async (fault: unknown): Promise<{ response: Response; log: string }> => {
    const services = fakeServices({
      presignUrls: async () => {
        throw fault;
      },
    });
    const other = await startTestGateway({ services });
    try {
      const response = await other.call('/presign', { body: valid });
      return { response: new Response(await response.text(), response), log: other.rawLog() };
    } finally {
      await other.close();
    }
  };

  it('of our own is told with its code', async () => {
    const { response } = await failing(new DiracS3Error('catalog-unavailable', 'the catalog did not answer'));
    expect(await problem(response)).toMatchObject({
      status: 503,
      code: 'catalog-unavailable',
      errno: 1604,
      detail: 'the catalog did not answer',
    });
  });

  it('of anything else shows nothing of itself, and all of it in the log', async () => {
    const { response, log } = await failing(new TypeError('cannot read /secret/path of undefined'));
    const answer = await problem(response);
    expect(answer).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(answer)).not.toContain('/secret/path');
    expect(log).toContain('/secret/path');
    expect(log).toContain('TypeError');
  });

  it('that is no error at all is one of ours', async () => {
    const { response } = await failing('just text');
    expect(await problem(response)).toMatchObject({ status: 500, code: 'internal' });
  });

  it('that never ends is answered when its time is over', async () => {
    const services = fakeServices({ presignUrls: () => new Promise(() => undefined) });
    const other = await startTestGateway({ services, limits: { requestTimeoutSeconds: 0.05 } });
    try {
      expect(await problem(await other.call('/presign', { body: valid }))).toMatchObject({ status: 504, code: 'timeout' });
    } finally {
      await other.close();
    }
  });

  it('of every code has a problem that says so', () => {
    for (const [code, kind] of Object.entries(errorTable)) {
      const answer = problemSchema.parse(problemOf(new DiracS3Error(code as keyof typeof errorTable, 'why'), 'r'));
      expect(answer).toEqual({
        type: `urn:dirac-s3:problem:${code}`,
        title: kind.title,
        status: kind.httpStatus,
        detail: 'why',
        code,
        errno: kind.errno,
        requestId: 'r',
      });
    }
  });
});

describe('health', () => {
  const statusOf = async (services = fakeServices()) => {
    const other = await startTestGateway({ services });
    try {
      const [live, ready] = [await other.call('/health/live', { token: '' }), await other.call('/health/ready', { token: '' })];
      return [live.status, ready.status, ((await ready.json()) as { code?: string }).code];
    } finally {
      await other.close();
    }
  };

  it('is live and ready when the catalog answers and StorageElements are loaded', async () => {
    expect(await statusOf()).toEqual([200, 200, undefined]);
  });

  it('is live but not ready when the catalog does not answer', async () => {
    const pingCatalog = () => Promise.reject(new DiracS3Error('catalog-unavailable', 'it is gone'));
    expect(await statusOf(fakeServices({ pingCatalog }))).toEqual([200, 503, 'catalog-unavailable']);
  });

  it('is live but not ready without a StorageElement to sign for', async () => {
    const far = storageElement('FAR-S3', { access: 'via-gateway' });
    const storageElements = { find: () => undefined, all: () => [far] };
    expect(await statusOf(fakeServices({ storageElements }))).toEqual([200, 503, 'gateway-unavailable']);
  });
});
