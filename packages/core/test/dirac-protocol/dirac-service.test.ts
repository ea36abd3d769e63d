import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { Secret } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import {
  createDiracService,
  decodeJson,
  DiracServiceError,
  sError,
  sOk,
  type DiracService,
  type DiracServiceOptions,
  type DiracValue,
} from '../../src/dirac-protocol/index.js';
import { clientCertificateOf, issue, keyPemOf } from './pki.js';
import { converse, makePki, startDisetStub, startHttpsStub, type Asked, type DisetStubOptions, type StubOptions } from './stubs.js';

const pki = makePki();
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const https = async (answer: StubOptions['answer'], more: Partial<StubOptions> = {}) => {
  const stub = await startHttpsStub({ pki, answer, ...more });
  closing.push(() => stub.close());
  return stub;
};

const diset = async (serve: DisetStubOptions['serve'], more: Partial<DisetStubOptions> = {}) => {
  const stub = await startDisetStub({ pki, serve, ...more });
  closing.push(() => stub.close());
  return stub;
};

function client(urls: readonly string[], more: Partial<DiracServiceOptions> = {}): DiracService {
  const service = createDiracService({
    service: 'DataManagement/FileCatalog',
    urls,
    certificate: clientCertificateOf(pki.host),
    caPem: pki.caPem,
    random: () => 0,
    ...more,
  });
  closing.push(() => service.close());
  return service;
}

async function faultOf(promise: Promise<unknown>): Promise<DiracS3Error> {
  const thrown: unknown = await promise.then(
    (value) => {
      throw new Error(`answered ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(DiracS3Error);
  return thrown as DiracS3Error;
}

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Takes connections and never says anything. */
async function silentPort(): Promise<number> {
  const sockets: { destroy(): unknown }[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** Both protocols behind the same interface: what holds for one holds for the other. */
const both = {
  https: async (answer: (asked: Asked) => ReturnType<typeof sOk> | ReturnType<typeof sError>) => {
    const stub = await https(answer);
    return { url: stub.url, asked: stub.asked };
  },
  dips: async (answer: (asked: Asked) => ReturnType<typeof sOk> | ReturnType<typeof sError>) => {
    const asked: Asked[] = [];
    return { url: (await diset(converse(asked, answer))).url, asked };
  },
};

describe.each(['https', 'dips'] as const)('a service over %s', (scheme) => {
  test('is asked with method and arguments, and its value comes back', async () => {
    const answer = decodeJson('{"Successful": {"/dirac/f1": true}, "Failed": {}}');
    const { url, asked } = await both[scheme](() => sOk(answer));
    const args: DiracValue[] = [{ '/dirac/f1': true, '/dirac/Jürgen 😀': 12345678901234567890n }, 'removeFile'];
    expect(await client([url], { vo: 'dirac' }).call('hasAccess', args)).toEqual(answer);
    expect(asked).toMatchObject([
      { service: 'DataManagement/FileCatalog', method: 'hasAccess', vo: 'dirac', setup: 'None', peer: 'dirac.example.org' },
    ]);
    expect(asked[0]!.args).toEqual([
      decodeJson('{"/dirac/f1": true, "/dirac/J\\u00fcrgen \\ud83d\\ude00": 12345678901234567890}'),
      'removeFile',
    ]);
  });

  test('acts for the user named in the call, and for nobody else afterwards', async () => {
    const { url, asked } = await both[scheme](() => sOk(null));
    const service = client([url], { asHost: true });
    await service.call('hasAccess', [], { delegated: { dn: '/DC=ch/CN=ciuser', group: 'dirac_user' } });
    await service.call('ping', []);
    await client([url], { group: 'dirac_admin' }).call('ping', []);
    await client([url]).call('ping', []);
    const none = scheme === 'https' ? null : '';
    expect(asked.map(({ extraCredentials }) => extraCredentials)).toEqual([
      ['/DC=ch/CN=ciuser', 'dirac_user'],
      'hosts',
      'dirac_admin',
      none,
    ]);
  });

  test('a delegated identity without DN or group is refused before anybody is asked', async () => {
    const { url, asked } = await both[scheme](() => sOk(null));
    for (const delegated of [
      { dn: '', group: 'g' },
      { dn: '/CN=x', group: '' },
    ])
      expect((await faultOf(client([url]).call('ping', [], { delegated }))).code).toBe('invalid-argument');
    expect(asked).toEqual([]);
  });

  test('an S_ERROR is thrown with its number', async () => {
    const { url } = await both[scheme](() => sError(22, 'no such path'));
    const fault = await faultOf(client([url]).call('listDirectory', []));
    expect(fault).toBeInstanceOf(DiracServiceError);
    expect(fault).toMatchObject({ errno: 22, message: 'Invalid argument ( 22 : no such path)' });
  });

  test('an S_ERROR is final: no other URL is asked', async () => {
    const first = await both[scheme](() => sError(22, 'no'));
    const second = await both[scheme](() => sOk(1));
    await faultOf(client([first.url, second.url]).call('x', [], { repeatable: true }));
    expect(second.asked).toEqual([]);
  });

  test('what cannot be sent is refused without a connection', async () => {
    const { url, asked } = await both[scheme](() => sOk(null));
    expect((await faultOf(client([url]).call('x', [NaN]))).code).toBe('invalid-argument');
    expect(asked).toEqual([]);
  });

  test('a URL without a path means the service itself', async () => {
    const { url, asked } = await both[scheme](() => sOk(null));
    await client([url.replace(/\/Data.*/, '')]).call('ping', []);
    expect(asked[0]!.service).toBe('DataManagement/FileCatalog');
  });

  test.each([
    ['is signed by nobody we trust', () => issue('server', { hosts: ['localhost'] }), /SELF_SIGNED|UNABLE_TO_VERIFY/],
    ['is for another host', () => issue('server', { issuer: pki.authority, hosts: ['other.example.org'] }), /ALTNAME_INVALID/],
    ['is out of date', () => issue('server', { issuer: pki.authority, hosts: ['localhost'], expired: true }), /EXPIRED/],
  ])('a server whose certificate %s is not asked', async (_, make, reason) => {
    const certificate = make();
    const stub =
      scheme === 'https'
        ? await https(() => sOk(1), { certificate })
        : await diset(
            converse([], () => sOk(1)),
            { certificate },
          );
    const fault = await faultOf(client([stub.url]).call('ping', []));
    expect(fault).toMatchObject({ code: 'service-unavailable', message: expect.stringMatching(reason), nothingSent: true });
  });

  test('public authorities are not trusted beside the configured ones', async () => {
    const { url } = await both[scheme](() => sOk(1));
    const other = issue('Other Root', { ca: true });
    expect((await faultOf(client([url], { caPem: [other.certPem] }).call('ping', []))).message).toMatch(/UNABLE_TO|SELF_SIGNED/);
  });

  test('a server that is not there is passed over, and asked last for a while', async () => {
    const { url, asked } = await both[scheme](() => sOk('yes'));
    let now = 0;
    const dead = `${scheme}://localhost:${await deadPort()}`;
    const lines: string[] = [];
    const service = client([dead, url], { now: () => now, onCall: (line) => lines.push(line) });
    const attempts = async (): Promise<number> => {
      lines.length = 0;
      expect(await service.call('addFile', ['secret argument'])).toBe('yes');
      return lines.length;
    };
    expect(await attempts()).toBe(2);
    expect(lines.join()).not.toMatch(/secret/);
    expect(await attempts()).toBe(1);
    now += 2001;
    expect(await attempts()).toBe(2);
    now += 2001;
    expect(await attempts()).toBe(1);
    now += 2000;
    expect(await attempts()).toBe(2);
    expect(asked).toHaveLength(5);
  });

  test('with every server down all of them are named, and asked again the next time', async () => {
    const dead = [await deadPort(), await deadPort()].map((port) => `${scheme}://localhost:${port}`);
    const lines: string[] = [];
    const service = client(dead, { onCall: (line) => lines.push(line) });
    const fault = await faultOf(service.call('ping', []));
    expect(fault).toMatchObject({ code: 'service-unavailable', retryable: true, nothingSent: true });
    for (const url of dead) expect(fault.message).toContain(scheme === 'https' ? 'localhost cannot be reached (ECONNREFUSED)' : url);
    await faultOf(service.call('ping', []));
    expect(lines).toHaveLength(4);
  });

  test('a call that is lost on the way is repeated only when that does no harm', async () => {
    const lost =
      scheme === 'https'
        ? (await https(() => 'reset')).url
        : (
            await diset(async (wire) => {
              await wire.receive();
              wire.send(sOk(null));
              await wire.receive();
              throw new Error('gone');
            })
          ).url;
    const second = await both[scheme](() => sOk('second'));
    const service = client([lost, second.url], { now: () => 0 });
    expect((await faultOf(service.call('addFile', []))).message).toMatch(/lost/);
    expect(second.asked).toEqual([]);
    expect(await client([lost, second.url]).call('exists', [], { repeatable: true })).toBe('second');
  });

  test('the total time is bounded over all servers, whatever they do', async () => {
    const silent = [await silentPort(), await silentPort(), await silentPort()].map((port) => `${scheme}://localhost:${port}`);
    const started = performance.now();
    const fault = await faultOf(client(silent, { timeoutSeconds: 0.6, connectTimeoutSeconds: 10 }).call('ping', [], { repeatable: true }));
    expect(fault.code).toBe('timeout');
    expect(performance.now() - started).toBeLessThan(1500);
  });

  test('a server that is silent while it connects leaves time for the next', async () => {
    const { url } = await both[scheme](() => sOk('next'));
    const silent = `${scheme}://localhost:${await silentPort()}`;
    expect(await client([silent, url], { connectTimeoutSeconds: 0.2 }).call('addFile', [])).toBe('next');
  });

  test('a server that is silent after the question leaves time for the next, where it may be asked', async () => {
    const silent =
      scheme === 'https'
        ? (await https(() => 'silence')).url
        : (
            await diset(async (wire) => {
              await wire.receive();
              wire.send(sOk(null));
              await wire.receive();
              await wire.receive();
            })
          ).url;
    const { url } = await both[scheme](() => sOk('next'));
    expect(await client([silent, url], { timeoutSeconds: 1 }).call('exists', [], { repeatable: true })).toBe('next');
    const fault = await faultOf(client([silent, url], { timeoutSeconds: 0.5 }).call('addFile', []));
    expect(fault).toMatchObject({ code: 'timeout', message: expect.stringContaining('within 0.5 seconds') });
  });

  test('a caller who gives up is heard at once', async () => {
    const silent = `${scheme}://localhost:${await silentPort()}`;
    const controller = new AbortController();
    const asking = client([silent]).call('ping', [], { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client([silent]).call('ping', [], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a certificate that does not fit its key is a fault of the configuration, and the key is in no message', () => {
    const certificate = { certChainPem: pki.host.certPem, keyPem: new Secret(keyPemOf(pki.user)) };
    expect(() => client([`${scheme}://localhost:1`], { certificate })).toThrow(/client certificate, its key .*cannot be used/);
  });
});

describe('a service over https', () => {
  test.each([
    [501, 38, 'Function not implemented ( 38 : nope is not implemented by'],
    [401, 13, 'Permission denied ( 13 : No access to https://localhost'],
    [403, 13, 'Permission denied ( 13 : No access to https://localhost'],
    [400, 22, 'answered 400 to nope'],
  ])('status %i is final, with the number %i', async (status, errno, message) => {
    const stub = await https(() => ({ status, body: '<html>' }));
    const next = await https(() => sOk(1));
    const fault = await faultOf(client([stub.url, next.url]).call('nope', [], { repeatable: true }));
    expect(fault).toMatchObject({ errno, message: expect.stringContaining(message) });
    expect(next.asked).toEqual([]);
  });

  test.each([
    [404, true],
    [302, true],
    [500, false],
    [502, false],
    [503, false],
  ])('status %i is a server that is down (nothing was done: %p)', async (status, nothingDone) => {
    const stub = await https(() => ({ status, headers: { location: 'https://localhost:1/elsewhere' } }));
    const next = await https(() => sOk('next'));
    expect(await client([stub.url, next.url]).call('exists', [], { repeatable: true })).toBe('next');
    const once = client([stub.url, next.url]).call('addFile', []);
    if (nothingDone) expect(await once).toBe('next');
    else expect((await faultOf(once)).message).toMatch(`answered ${status}`);
  });

  test.each(['', 'not JSON', '{"OK": true', '[1]', '{"Value": true}', '{"OK": true, "Value": {"__dCls": "X", "__dMod": "os"}}'])(
    'an answer that is not of DIRAC is none: %j',
    async (body) => {
      const stub = await https(() => ({ status: 200, body }));
      expect(await faultOf(client([stub.url]).call('exists', []))).toMatchObject({ code: 'service-unavailable', nothingSent: false });
      const next = await https(() => sOk('next'));
      expect(await client([stub.url, next.url]).call('exists', [], { repeatable: true })).toBe('next');
    },
  );

  test('an answer that is too long is given up', async () => {
    const stub = await https(() => sOk('x'.repeat(5000)));
    const fault = await faultOf(client([stub.url], { maxAnswerBytes: 1000 }).call('x', []));
    expect(fault.message).toMatch(/longer than 1000 bytes/);
  });

  test('a token is sent instead of the certificate', async () => {
    const stub = await https(() => sOk(null));
    await client([stub.url], { token: () => new Secret('abc.def') }).call('ping', []);
    expect(stub.asked[0]).toMatchObject({ peer: undefined, authorization: 'Bearer abc.def' });
    await client([stub.url], { token: () => new Secret('abc.def'), certificate: undefined }).call('ping', []);
    expect((await faultOf(client([stub.url], { token: () => new Secret('a\r\nb') }).call('ping', []))).code).toBe('unauthenticated');
  });

  test('connections are used again', async () => {
    const stub = await https(() => sOk(null));
    const service = client([stub.url]);
    for (let index = 0; index < 3; index += 1) await service.call('ping', []);
    expect(stub.asked).toHaveLength(3);
    expect(new Set(stub.asked.map(({ clientPort }) => clientPort)).size).toBe(1);
  });

  test('a connection that was kept and then closed costs a call that may be repeated nothing, and fails any other', async () => {
    const kept = (): ReturnType<typeof https> =>
      https(({ clientPort }) => (stub.asked.filter((one) => one.clientPort === clientPort).length > 1 ? 'reset' : sOk(1)));
    let stub = await kept();
    const reading = client([stub.url]);
    for (let index = 0; index < 2; index += 1) expect(await reading.call('exists', [], { repeatable: true })).toBe(1);
    expect(stub.asked).toHaveLength(3);
    stub = await kept();
    const changing = client([stub.url]);
    expect(await changing.call('addFile', [])).toBe(1);
    expect((await faultOf(changing.call('addFile', []))).message).toMatch(/lost/);
    expect(stub.asked).toHaveLength(2);
  });
});

describe('a service over dips', () => {
  test('says word for word what the Python client says', async () => {
    const heard: string[] = [];
    const stub = await diset(async (wire) => {
      heard.push(await wire.receiveText());
      wire.send(sOk(null));
      heard.push(await wire.receiveText());
      wire.send(sOk(true));
    });
    await client([stub.url]).call('hasAccess', [{ '/a': true }, 'readFile'], { delegated: { dn: '/CN=x', group: 'g' } });
    const proposal =
      '{"OK": true, "Value": [["DataManagement/FileCatalog", "None", "unknown"], ["RPC", "hasAccess"], ["/CN=x", "g"], "dirac-s3"]}';
    const call = '{"OK": true, "Value": [{"/a": true}, "readFile"]}';
    expect(heard).toEqual([`${proposal.length}:${proposal}`, `${call.length}:${call}`]);
  });

  test('a service that does not let us in is final; one that cannot take the call is passed over', async () => {
    const refusing = await diset(async (wire) => {
      await wire.receive();
      wire.send(sError(1111, 'Unauthorized query'));
    });
    const next = await diset(converse([], () => sOk('next')));
    expect(await faultOf(client([refusing.url, next.url]).call('x', [], { repeatable: true }))).toMatchObject({ errno: 1111 });
    const busy = await diset(async (wire) => {
      await wire.receive();
      wire.send(sError(0, 'DataManagement/FileCatalog is not up in this server'));
    });
    expect(await client([busy.url, next.url]).call('addFile', [])).toBe('next');
    expect(await faultOf(client([busy.url]).call('addFile', []))).toMatchObject({
      code: 'service-unavailable',
      nothingSent: true,
      message: expect.stringContaining('is not up in this server'),
    });
  });

  test('no proxy is delegated to a server that asks for one', async () => {
    const stub = await diset(async (wire) => {
      await wire.receive();
      wire.send(sOk({ delegate: 'some request' }));
      await wire.receive();
    });
    expect((await faultOf(client([stub.url]).call('x', []))).message).toMatch(/delegated proxy, which is never given/);
  });

  test('a handshake that is not answered in time is passed over', async () => {
    const slow = await diset(async (wire) => {
      await wire.receive();
      await wire.receive();
    });
    const next = await diset(converse([], () => sOk('next')));
    expect(await client([slow.url, next.url], { handshakeTimeoutSeconds: 0.2 }).call('addFile', [])).toBe('next');
    expect(await faultOf(client([slow.url], { handshakeTimeoutSeconds: 0.2 }).call('addFile', []))).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('did not answer the handshake within 0.2 seconds'),
    });
  });

  test('pings are answered while the method runs', async () => {
    const heard: string[] = [];
    const stub = await diset(async (wire) => {
      await wire.receive();
      wire.send(sOk(null));
      await wire.receive();
      const ping = '{"OK": true, "Value": {"id": "14000", "kaping": true}}';
      wire.sendText(`dka${ping.length}:${ping}`);
      heard.push(await wire.receiveText());
      const pong = '{"OK": true, "Value": {"id": "1", "kaping": false}}';
      wire.sendText(`dka${pong.length}:${pong}`);
      wire.send(sOk('done'));
    });
    expect(await client([stub.url]).call('long', [])).toBe('done');
    expect(heard).toEqual(['dka55:{"OK": true, "Value": {"id": "14000", "kaping": false}}']);
  });

  test('an answer in the old encoding is read', async () => {
    const right = await diset(async (wire) => {
      await wire.receive();
      wire.sendText('18:ds2:OKb1s5:Valuene');
      await wire.receive();
      const answer = 'ds2:OKb1s5:Valueds2:/ab1s2:/bb0ee';
      wire.sendText(`${answer.length}:${answer}`);
    });
    expect(await client([right.url]).call('x', [])).toEqual(decodeJson('{"/a": true, "/b": false}'));
  });

  test.each(['hello', '12345678901:x', 'dkb1:x', '-1:x', '5:nope!', '3:[1]', '99999999:x'])(
    'an answer that is no message of DISET is none: %j',
    async (garbage) => {
      const stub = await diset(async (wire) => {
        await wire.receive();
        wire.send(sOk(null));
        await wire.receive();
        wire.sendText(garbage);
      });
      const fault = await faultOf(client([stub.url], { maxAnswerBytes: 1000 }).call('x', []));
      expect(fault).toMatchObject({ code: 'service-unavailable', nothingSent: false });
    },
  );

  test('a client without a certificate the server trusts learns why', async () => {
    const stub = await diset(converse([], () => sOk(1)));
    const stranger = clientCertificateOf(issue('stranger'));
    expect(await faultOf(client([stub.url], { certificate: stranger }).call('x', []))).toMatchObject({
      code: 'service-unavailable',
      nothingSent: true,
    });
  });

  test('needs a certificate, whatever token there is', () => {
    expect(() => client(['dips://h:9197'], { certificate: undefined, token: () => new Secret('t') })).toThrow(
      /dips:\/\/h:9197.* needs a client certificate/,
    );
  });

  test('closing the client ends what is on the way', async () => {
    const stub = await diset(async (wire) => {
      await wire.receive();
      await wire.receive();
    });
    const service = client([stub.url]);
    const asking = faultOf(service.call('x', []));
    setTimeout(() => service.close(), 100);
    expect((await asking).code).toBe('service-unavailable');
  });
});

test.each([
  ['http://h/x', /http:\/\/ URL: https and dips/],
  ['dip://h:1/x', /dip:\/\/ URL: https and dips/],
  ['dips://h/x', /no port/],
  ['https://h:0/x', /port that does not exist/],
  ['https://h:70000/x', /port that does not exist/],
  ['https://[1.2.3.4]/x', /no IPv6 address/],
  ['https://user:password@h/x', /is not of the form/],
  ['https://h/x?y', /is not of the form/],
  ['', /is not of the form/],
])('the URL %j is refused', (url, reason) => {
  expect(() => client([url])).toThrow(reason);
});

test('no URL at all is a fault of the configuration', () => {
  expect(() => client([])).toThrow(/no URL of DataManagement\/FileCatalog/);
});

test('a URL that stands twice is asked once, and which is first is chance', async () => {
  const [one, two] = [await https(() => sOk(1)), await https(() => sOk(2))];
  const draws = [0.7, 0.2];
  const service = client([one.url, two.url, one.url], { random: () => draws.shift()! });
  expect([await service.call('x', []), await service.call('x', [])]).toEqual([2, 1]);
});
