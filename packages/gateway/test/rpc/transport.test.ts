import { brotliCompressSync, gzipSync } from 'node:zlib';
import { DiracS3Error } from '@dirac-s3/core';
import { identityOf } from '@dirac-s3/core/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Authenticator, RequestFacts } from '../../src/auth/index.js';
import { startTestGateway, type TestGateway } from '../support/gateway.js';
import { fakeServices } from '../support/services.js';

/** Which status, which page and which S_ERROR: section by section what the original server does, or why not. */
let gateway: TestGateway;
let asked: { facts: RequestFacts; method: string }[];
let authenticate: Authenticator;

const credentials = {
  DN: '/CN=alice',
  username: 'alice',
  group: 'vo_user',
  properties: ['NormalUser'],
  isProxy: true,
  secondsLeft: 43_144,
};
const letIn: Authenticator = () => Promise.resolve({ credentials, identity: identityOf('alice') });
const paths = ['/DataManagement/S3Gateway', '/DataManagement/TornadoS3Gateway'];
const page = (text: string): string => `<html><title>${text}</title><body>${text}</body></html>`;

async function start(options: Parameters<typeof startTestGateway>[0] = {}): Promise<void> {
  gateway = await startTestGateway({
    authenticate: (facts, method) => {
      asked.push({ facts, method });
      return authenticate(facts, method);
    },
    ...options,
  });
}

beforeEach(async () => {
  asked = [];
  authenticate = letIn;
  await start();
});
afterEach(() => gateway.close());

interface Sent {
  readonly body?: string | Uint8Array;
  readonly form?: Record<string, string>;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly verb?: string;
}

async function send({ body, form, path = paths[0]!, headers = {}, verb = 'POST' }: Sent = {}): Promise<Response> {
  const content = body ?? new URLSearchParams(form ?? {}).toString();
  return fetch(gateway.server.url + path, {
    method: verb,
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Bearer x', ...headers },
    ...(verb !== 'GET' && verb !== 'HEAD' && { body: typeof content === 'string' ? content : Uint8Array.from(content) }),
  });
}

const answerOf = async (sent: Sent): Promise<unknown> => {
  const response = await send(sent);
  expect(response.status).toBe(200);
  return response.json();
};
const call = (method: string, args: unknown, more: Record<string, string> = {}) =>
  answerOf({ form: { method, args: typeof args === 'string' ? args : JSON.stringify(args), ...more } });

async function expectPage(response: Response, text: string): Promise<void> {
  expect(response.status).toBe(Number(text.slice(0, 3)));
  expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  expect(await response.text()).toBe(page(text));
}

describe('before a call is understood', () => {
  it.each<[string, Sent]>([
    ['without a method', { form: { args: '[]' } }],
    ['without a body', {}],
    ['with a JSON body', { body: '{"method": "ping"}', headers: { 'content-type': 'application/json' } }],
    ['with bytes that are not UTF-8', { body: 'method=%FF' }],
    ['with more fields than any form', { body: `${'a=1&'.repeat(101)}method=ping` }],
    [
      'with a multipart body that ends early',
      { body: '--x\r\nContent-Disp', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    ],
    ['with multipart but no boundary', { body: 'x', headers: { 'content-type': 'multipart/form-data' } }],
    ['in an encoding nobody knows', { body: 'method=ping', headers: { 'content-encoding': 'rot13' } }],
    ['in a gzip that is none', { body: 'method=ping', headers: { 'content-encoding': 'gzip' } }],
  ])('answers 400 to a call %s, as the original', async (_title, sent) => {
    await expectPage(await send(sent), '400: Bad Request');
    expect(asked).toEqual([]);
  });

  it.each(['export_ping', '', 'Ping', '__proto__', 'constructor', 'hasAccess', 'streamToClient'])(
    'answers 501 to the method %j, before anybody is authenticated',
    async (method) => {
      authenticate = () => Promise.reject(new DiracS3Error('unauthenticated', 'nobody'));
      await expectPage(await send({ form: { method } }), '501: Not Implemented');
      expect(asked).toEqual([]);
    },
  );

  it.each([
    '/DataManagement/S3Gateway/',
    '/DataManagement/',
    '/DataManagement/FileCatalog',
    '/DataManagement/S3Gateway/x',
    '/DataManagement',
  ])('answers 404 at %s, in the form of this endpoint', async (path) =>
    expectPage(await send({ form: { method: 'ping' }, path }), '404: Not Found'),
  );

  it.each(['/datamanagement/S3Gateway', '/DataManagement/s3gateway', '//DataManagement/S3Gateway', '/DataManagement/S3%47ateway'])(
    'knows its paths in their exact spelling only, not %s',
    async (path) => expect((await send({ form: { method: 'ping' }, path })).status).toBe(404),
  );

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('answers 405 to %s', async (verb) => {
    const response = await send({ verb });
    expect(response.headers.get('allow')).toBe('POST');
    await expectPage(response, '405: Method Not Allowed');
  });

  it('answers 405 to HEAD, without a body', async () => {
    const response = await send({ verb: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([405, '']);
  });

  it('leaves the paths of REST to REST: problems there, pages here', async () => {
    const response = await send({ path: '/nowhere' });
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('the caller', () => {
  it.each(['unauthenticated'] as const)('is answered 401 without a reason when he is %s; the reason is in the log', async (code) => {
    authenticate = () => Promise.reject(new DiracS3Error(code, 'no certificate', { cause: new Error('untrusted authority') }));
    await expectPage(await send({ form: { method: 'ping' } }), '401: Unauthorized');
    expect(gateway.log()).toContainEqual(
      expect.objectContaining({ msg: 'call refused', status: 401, detail: 'no certificate', cause: 'Error: untrusted authority' }),
    );
  });

  it('is judged before his arguments are looked at', async () => {
    authenticate = () => Promise.reject(new DiracS3Error('unauthenticated', 'nobody'));
    await expectPage(await send({ form: { method: 'echo', args: 'no JSON' } }), '401: Unauthorized');
  });

  it('goes to the next gateway when this one cannot judge him now', async () => {
    authenticate = () => Promise.reject(new DiracS3Error('gateway-unavailable', 'the keys cannot be had'));
    await expectPage(await send({ form: { method: 'ping' } }), '503: Service Unavailable');
  });

  it.each<[string, unknown]>([
    ['"hosts"', 'hosts'],
    ['"vo_user"', 'vo_user'],
    ['["/CN=bob", "vo_user"]', ['/CN=bob', 'vo_user']],
    ['["/CN=bob", false]', ['/CN=bob', false]],
    ['null', undefined],
    ['""', undefined],
    ['', undefined],
  ])('is judged with the extraCredentials %s for the method he calls', async (text, value) => {
    await answerOf({ form: { method: 'ping', extraCredentials: text } });
    expect(asked).toEqual([
      { method: 'ping', facts: { authorization: ['Bearer x'], certificates: [], ...(value !== undefined && { extraCredentials: value }) } },
    ]);
  });

  it.each([
    ['["/CN=bob"]', 'extraCredentials: a list must be [DN, group], not of 1 items'],
    ['[]', 'extraCredentials: a list must be [DN, group], not of 0 items'],
    ['["a", "b", "c"]', 'extraCredentials: a list must be [DN, group], not of 3 items'],
    ['hosts', /^extraCredentials: this is no JSON/],
  ])('is told what is wrong with the extraCredentials %s, which made the original answer 500', async (text, fault) => {
    const answer = await answerOf({ form: { method: 'ping', extraCredentials: text } });
    expect(answer).toEqual({ OK: false, Errno: 22, Message: expect.any(String) });
    const { Message } = answer as { Message: string };
    expect(/^Invalid argument \( 22 : (.*)\)$/.exec(Message)?.[1]).toMatch(fault);
    expect(asked).toEqual([]);
  });

  it('may send much, a stranger little', async () => {
    const body = `method=ping&padding=${'x'.repeat(80_000)}`;
    expect(await answerOf({ body })).toMatchObject({ OK: true });
    const stranger = await fetch(gateway.server.url + paths[0]!, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });
    expect(await stranger.json()).toMatchObject({ OK: false, Errno: 7 });
  });
});

describe('the arguments', () => {
  it.each<[string, string, unknown, string | RegExp]>([
    ['no JSON', 'echo', '[', /^args: this is no JSON as DIRAC writes it/],
    ['no JSON', 'echo', '', /^args: this is no JSON/],
    ['an unknown class', 'echo', '[{"__dCls": "Evil", "__dMod": "os", "obj": "x"}]', /^args: .*others are never made/],
    ['a broken date', 'echo', '[{"__dCls": "dt", "obj": "yesterday"}]', /^args: /],
    ['an object, whose keys the original takes for arguments', 'echo', '{"a": 1}', 'args: must be a list'],
    ['text', 'echo', '"a"', 'args: must be a list'],
    ['too few', 'echo', '[]', 'args: echo takes 1 arguments (data), not 0'],
    ['too many', 'ping', '[1]', 'args: ping takes no arguments, not 1'],
    [
      'too few',
      'createPresignedUrl',
      '["SE", "get_object", {}]',
      /^args: createPresignedUrl takes 4 arguments \(storageName, s3_method, urls, expiration\), not 3$/,
    ],
    ['too deep', 'echo', '['.repeat(99), /nested more than/],
    ['what cannot be sent back', 'echo', '[NaN]', /NaN cannot be sent/],
  ])('are an S_ERROR 22 when they are %s (%s %s), where the original answers 500', async (_title, method, args, fault) => {
    const answer = (await call(method, args)) as { Message: string };
    expect(answer).toMatchObject({ OK: false, Errno: 22 });
    expect(/^Invalid argument \( 22 : (.*)\)$/s.exec(answer.Message)?.[1]).toMatch(fault);
  });

  it('stand in the body alone; in the query the method is read, and nothing else', async () => {
    expect(await answerOf({ path: `${paths[0]!}?method=ping&args=%5B1%5D&extraCredentials=%22hosts%22` })).toMatchObject({ OK: true });
    expect(asked[0]!.facts).not.toHaveProperty('extraCredentials');
    expect(await answerOf({ path: `${paths[0]!}?method=echo&args=%5B1%5D` })).toMatchObject({ OK: false, Errno: 22 });
    expect(await answerOf({ path: `${paths[0]!}?method=whoami`, form: { method: 'echo', args: '[1]' } })).toEqual({ OK: true, Value: 1 });
  });

  it('may be repeated and surrounded by blanks: the last field counts, as in Tornado', async () => {
    expect(await answerOf({ body: 'method=nope&method=+echo+&args=[1]&args=%5B2%5d&&=x&novalue' })).toEqual({ OK: true, Value: 2 });
  });

  it('come as multipart too, and compressed', async () => {
    const form = new FormData();
    form.set('method', 'echo');
    form.set('args', '["Grüße"]');
    form.set('upload', new Blob(['ignored']), 'file.txt');
    const multipart = new Response(form);
    const headers = { 'content-type': multipart.headers.get('content-type')! };
    expect(await answerOf({ body: new Uint8Array(await multipart.arrayBuffer()), headers })).toEqual({
      OK: true,
      Value: 'Grüße',
    });
    const plain = `method=echo&args=${encodeURIComponent('["Grüße"]')}`;
    expect(await answerOf({ body: gzipSync(plain), headers: { 'content-encoding': 'gzip' } })).toEqual({ OK: true, Value: 'Grüße' });
    expect(await answerOf({ body: brotliCompressSync(plain), headers: { 'content-encoding': 'br' } })).toEqual({
      OK: true,
      Value: 'Grüße',
    });
  });

  it('are too large when they are so after decompression: S_ERROR 7, which no client repeats elsewhere', async () => {
    const tooLarge = { OK: false, Errno: 7, Message: 'Argument list too long ( 7 : the body is larger than this gateway accepts)' };
    expect(await answerOf({ body: `method=ping&x=${'x'.repeat(100_000)}` })).toEqual(tooLarge);
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await answerOf({ body: bomb, headers: { 'content-encoding': 'gzip' } })).toEqual(tooLarge);
  });
});

describe('an answer', () => {
  it('has the headers and the spacing of the original, in plain ASCII', async () => {
    const response = await send({
      form: {
        method: 'echo',
        args: '[{"ü": [1, 2.5, null, true, "😀\\u007f", 12345678901234567890]}]',
        clientVO: 'vo',
        clientSetup: 'None',
      },
    });
    const text = await response.text();
    expect(text).toBe('{"OK": true, "Value": {"\\u00fc": [1, 2.5, null, true, "\\ud83d\\ude00\\u007f", 12345678901234567890]}}');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-length')).toBe(String(text.length));
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  it('is JSON with rawContent too: S_OK and S_ERROR are all these methods answer', async () => {
    expect(await call('echo', [1], { rawContent: 'True' })).toEqual({ OK: true, Value: 1 });
  });

  it('goes with the log line of the caller', async () => {
    await call('ping', []);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(gateway.log()).toContainEqual(expect.objectContaining({ msg: 'request', path: '/DataManagement/S3Gateway', username: 'alice' }));
  });

  it.each<[string, Error, string]>([
    ['a fault of the gateway', new Error('secret detail'), '500: Internal Server Error'],
    ['an audit that cannot be written', new DiracS3Error('internal', 'no audit'), '500: Internal Server Error'],
    ['a time-out', new DiracS3Error('timeout', 'late'), '504: Gateway Timeout'],
  ])('is a page after %s, so that the client asks the next gateway', async (_title, fault, text) => {
    await gateway.close();
    await start({ services: fakeServices({ presignUrls: () => Promise.reject(fault) }) });
    const args = JSON.stringify(['CERN-S3', 'get_object', {}, 60]);
    await expectPage(await send({ form: { method: 'createPresignedUrl', args } }), text);
    expect(gateway.log()).toContainEqual(expect.objectContaining({ level: 'error', msg: 'call failed' }));
  });

  it('does not wait for ever', async () => {
    await gateway.close();
    await start({ services: fakeServices({ presignUrls: () => new Promise(() => undefined) }), limits: { requestTimeoutSeconds: 0.05 } });
    const args = JSON.stringify(['CERN-S3', 'get_object', {}, 60]);
    await expectPage(await send({ form: { method: 'createPresignedUrl', args } }), '504: Gateway Timeout');
  });
});

describe('the methods every service has', () => {
  it.each(paths)('ping at %s tells name, version, times and load', async (path) => {
    const answer = await answerOf({ path, form: { method: 'ping' } });
    const whole = expect.any(Number);
    const time = { __dCls: 'dt', obj: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) };
    expect(answer).toEqual({
      OK: true,
      Value: {
        version: '1.2.3',
        time,
        'host uptime': whole,
        'service start time': time,
        'service uptime': whole,
        load: expect.stringMatching(/^\d+\.\d\d \d+\.\d\d \d+\.\d\d$/),
        name: path.slice(1),
        'cpu times': {
          'user time': whole,
          'system time': whole,
          'children user time': 0,
          'children system time': 0,
          'elapsed real time': whole,
        },
      },
    });
  });

  it.each([null, 'text', 5, [1, [2]], { a: { __dCls: 'dt', obj: '2026-01-02 03:04:05' } }, { __proto__x: 1 }])(
    'echo answers %j',
    async (value) => expect(await call('echo', [value])).toEqual({ OK: true, Value: value }),
  );

  it('whoami answers the credentials as the authenticator gives them', async () =>
    expect(await call('whoami', [])).toEqual({ OK: true, Value: credentials }));
});
