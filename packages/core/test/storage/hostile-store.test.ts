import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import { createS3StorageElement } from '../../src/storage/index.js';
import { urlsOf, withHostileStore, withRawStore } from './hostile-store.js';
import { countedWaits, elementAt, filesBelow, lfnOf } from './world.js';

const lfn = lfnOf('data.bin');
const body = Buffer.from('hello world');
let folder: string;
let copy: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-store-'));
  mkdirSync(join(folder, 'local'));
  [copy, source] = [join(folder, 'local', 'copy'), join(folder, 'source')];
  writeFileSync(source, body);
});
afterEach(() => rmSync(folder, { recursive: true }));
const nothingLanded = (): void => expect(filesBelow(join(folder, 'local'))).toEqual([]);

describe('a download', () => {
  const raw = (text: string) => (socket: { end: (text: string) => void }) => socket.end(text);

  test('of fewer bytes than announced leaves nothing', async () => {
    await withRawStore(raw('HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhello world'), async ({ se }) => {
      await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'storage-unavailable' });
      nothingLanded();
    });
  });

  test('of more bytes than announced never lands with the surplus', async () => {
    await withRawStore(raw('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-amz-meta-checksum: 062c0215\r\n\r\nhello world'), async ({ se }) => {
      const { successful } = await se.get([{ lfn, path: copy }]);
      if (successful.has(lfn)) expect(readFileSync(copy, 'utf8')).toBe('hello');
      else nothingLanded();
    });
  });

  test('whose size the catalog knows better, or that has none, leaves nothing', async () => {
    const chunked = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(200).end(body);
    await withHostileStore(
      (_, response) => response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(body),
      async ({ se }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'storage-unavailable' });
      },
    );
    await withHostileStore(chunked, async ({ se }) => {
      const outcome = se.get([{ lfn, path: copy, expected: { sizeBytes: 12 } }]).then(singleResult);
      await expect(outcome).rejects.toMatchObject({ code: expect.stringMatching(/size-mismatch|storage-unavailable/) });
    });
    nothingLanded();
  });

  test('with another checksum than the store wrote down leaves nothing', async () => {
    await withHostileStore(
      (_, response) => response.writeHead(200, { 'content-length': body.length, 'x-amz-meta-checksum': '00000001' }).end(body),
      async ({ se, seen }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({
          code: 'checksum-mismatch',
          message: expect.stringContaining(adler32(body)),
        });
        expect(seen).toHaveLength(1);
        nothingLanded();
      },
    );
  });

  test.each([{}, { 'x-amz-meta-checksum': 'not a checksum' }])(
    'without a usable checksum (%j) says that nothing was compared',
    async (headers) => {
      await withHostileStore(
        (_, response) => response.writeHead(200, { 'content-length': body.length, ...headers }).end(body),
        async ({ se }) => {
          expect(await se.get([{ lfn, path: copy }]).then(singleResult)).toMatchObject({ verified: false, checksum: adler32(body) });
        },
      );
    },
  );

  test.each([301, 302, 303, 307, 308])('answered with the redirect %i is refused and not followed', async (status) => {
    await withHostileStore(
      ({ url }, response) => {
        if (url?.startsWith('/elsewhere') === true) response.end('you should not see this');
        else response.writeHead(status, { location: '/elsewhere', 'content-length': 0 }).end();
      },
      async ({ se, seen }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'storage-refused' });
        await expect(se.exists([lfn]).then(singleResult)).rejects.toMatchObject({ code: 'storage-refused' });
        await expect(se.remove([lfn]).then(singleResult)).rejects.toMatchObject({ code: 'storage-refused' });
        expect(seen).toEqual(['GET', 'HEAD', 'DELETE'].map((method) => `${method} /bucket${lfn}`));
        nothingLanded();
      },
    );
  });

  test.each([204, 206])('answered with %i instead of 200 is refused', async (status) => {
    await withHostileStore(
      (_, response) => response.writeHead(status).end(),
      async ({ se }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'storage-refused' });
        nothingLanded();
      },
    );
  });

  test('of an answer in chunks, of unknown length, is asked for again by a client that understands it, and refused', async () => {
    await withHostileStore(
      (_, response) => {
        response.writeHead(200, { 'transfer-encoding': 'chunked' });
        response.end(body);
      },
      async ({ se, seen }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'storage-unavailable' });
        expect(seen.length % 2).toBe(0);
        nothingLanded();
      },
    );
  });

  test('from a store that knows no ranges is fetched whole', async () => {
    const large = Buffer.alloc(3000, 7);
    await withHostileStore(
      (_, response) => response.writeHead(200, { 'content-length': large.length }).end(large),
      async ({ se, seen }) => {
        const expected = { sizeBytes: large.length, checksum: adler32(large) };
        expect(await se.get([{ lfn, path: copy, expected }]).then(singleResult)).toMatchObject({ verified: true });
        expect(seen).toHaveLength(2);
      },
      { pieces: { rangeBytes: 1000 } },
    );
  });

  test('refused in chunks is asked for again, and tells the code', async () => {
    await withHostileStore(
      (_, response) => {
        response.writeHead(404);
        response.write('<Error><Code>NoSuch');
        response.end('Key</Code></Error>');
      },
      async ({ se, seen }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toThrow('404 NoSuchKey');
        expect(seen).toHaveLength(2);
        nothingLanded();
      },
    );
  });

  test('that falls silent in the middle is given up', async () => {
    await withHostileStore(
      (_, response) => void response.writeHead(200, { 'content-length': 100 }).write(body),
      async ({ se }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'timeout' });
        nothingLanded();
      },
      { idleTimeoutSeconds: 0.1 },
    );
  });

  test('from a store that never answers is given up', async () => {
    await withHostileStore(
      () => undefined,
      async ({ se }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'timeout' });
        await expect(se.put([{ lfn, source: { path: source } }]).then(singleResult)).rejects.toMatchObject({ code: 'timeout' });
      },
      { idleTimeoutSeconds: 0.1 },
    );
  });

  test.each(['garbage\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello', ''])(
    'from what is no HTTP server (%j) is a fault of the store',
    async (text) => {
      await withRawStore(raw(text), async ({ se }) => {
        await expect(se.get([{ lfn, path: copy }]).then(singleResult)).rejects.toMatchObject({ code: 'storage-unavailable' });
        nothingLanded();
      });
    },
  );

  test('refused with an error of any length tells its code, and nothing else of it', async () => {
    const secret = 'https://store/?X-Amz-Signature=deadbeef';
    const xml = `<Error><Code>AccessDenied</Code><Message>${secret}</Message>${'x'.repeat(200_000)}</Error>`;
    await withHostileStore(
      (_, response) => response.writeHead(403).end(xml),
      async ({ se }) => {
        const { failed } = await se.get([{ lfn, path: copy }]);
        expect(failed.get(lfn)).toEqual({ code: 'storage-refused', message: `${lfn}: the store answered 403 AccessDenied` });
      },
    );
  });
});

describe('an upload', () => {
  /** Takes every body; HEAD before the upload says 404, afterwards what it is told to. */
  const store = (after: (response: ServerResponse) => void, answer = (response: ServerResponse): void => void response.end()) => {
    let uploaded = false;
    return (request: IncomingMessage, response: ServerResponse): void => {
      if (request.method === 'HEAD') {
        if (uploaded) after(response);
        else response.writeHead(404).end();
        return;
      }
      request.resume().on('end', () => {
        uploaded = true;
        answer(response);
      });
    };
  };
  const head =
    (headers: Record<string, string | number>, status = 200) =>
    (response: ServerResponse): void =>
      void response.writeHead(status, headers).end();
  const good = { 'content-length': body.length, 'x-amz-meta-checksum': adler32(body) };

  test.each([
    ['it does not have the object', head({}, 404), 'storage-unavailable'],
    ['it has another size', head({ ...good, 'content-length': 10 }), 'size-mismatch'],
    ['it has another checksum', head({ ...good, 'x-amz-meta-checksum': '00000001' }), 'checksum-mismatch'],
    ['it has no checksum', head({ 'content-length': body.length }), 'checksum-mismatch'],
    ['it does not know the size', head({ 'x-amz-meta-checksum': adler32(body) }), 'storage-unavailable'],
    ['it may not be asked', head({}, 403), 'storage-refused'],
  ])('the store says 200 to is no success when afterwards %s', async (_, after, code) => {
    await withHostileStore(store(after), async ({ se, seen }) => {
      await expect(se.put([{ lfn, source: { path: source } }]).then(singleResult)).rejects.toMatchObject({ code });
      expect(seen.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
    });
  });

  test('is sent once, with its exact length, and is a success when the store has just that', async () => {
    const lengths: (string | undefined)[] = [];
    const honest = store(head(good));
    await withHostileStore(
      (request, response) => {
        if (request.method === 'PUT') lengths.push(request.headers['content-length']);
        honest(request, response);
      },
      async ({ se, seen }) => {
        expect(await se.put([{ lfn, source: { path: source } }]).then(singleResult)).toMatchObject({ sizeBytes: 11, checksum: '1a0b045d' });
        expect(seen.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'PUT', 'HEAD']);
        expect(lengths).toEqual(['11']);
      },
    );
  });

  test('answered with a redirect is refused: the body goes to nobody else', async () => {
    const redirect = (response: ServerResponse): void => void response.writeHead(307, { location: '/elsewhere' }).end();
    await withHostileStore(store(head({}, 404), redirect), async ({ se, seen }) => {
      await expect(se.put([{ lfn, source: { path: source } }]).then(singleResult)).rejects.toMatchObject({ code: 'storage-refused' });
      expect(seen).not.toContain('PUT /elsewhere');
    });
  });

  test('answered before its body was sent is over at once, and its connection is not used again', async () => {
    const large = join(folder, 'large');
    writeFileSync(large, Buffer.alloc(20_000_000));
    const sockets = new Set<unknown>();
    await withHostileStore(
      (request, response) => {
        sockets.add(request.socket);
        response.writeHead(request.method === 'HEAD' ? 404 : 403).end(request.method === 'HEAD' ? '' : '<Code>AccessDenied</Code>');
      },
      async ({ se }) => {
        const outcome = se.put([{ lfn, source: { path: large } }]).then(singleResult);
        await expect(outcome).rejects.toMatchObject({ code: 'storage-refused', message: expect.stringContaining('AccessDenied') });
        expect(singleResult(await se.exists([lfn]))).toBe(false);
        expect(sockets.size).toBeGreaterThan(1);
      },
    );
  });

  test('to a precondition that fails finds the name taken', async () => {
    const taken = (response: ServerResponse): void => void response.writeHead(412).end();
    await withHostileStore(store(head({}, 404), taken), async ({ se }) => {
      await expect(se.put([{ lfn, source: { path: source } }]).then(singleResult)).rejects.toMatchObject({ code: 'file-exists' });
    });
  });
});

describe('a removal', () => {
  test.each(['NoSuchBucket', ''])('answered 404 %s is no proof that the object is gone', async (code) => {
    await withHostileStore(
      (_, response) => response.writeHead(404).end(code === '' ? '<html>no such page</html>' : `<Error><Code>${code}</Code></Error>`),
      async ({ se }) => {
        const { failed } = await se.remove([lfn]);
        expect(failed.has(lfn)).toBe(true);
      },
    );
  });

  test('answered 404 NoSuchKey has nothing to remove', async () => {
    await withHostileStore(
      (_, response) => response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>'),
      async ({ se }) => expect(singleResult(await se.remove([lfn]))).toBe(true),
    );
  });
});

describe('a store that nobody knows', () => {
  test('and where nobody listens is tried again for small requests', async () => {
    let port = 0;
    await withHostileStore(
      () => undefined,
      async (hostile) => void (port = hostile.port),
    );
    const { retry, waited } = countedWaits();
    const se = createS3StorageElement({ element: elementAt(port), urls: urlsOf(`http://127.0.0.1:${port}`), retry });
    await expect(se.exists([lfn]).then(singleResult)).rejects.toMatchObject({
      code: 'storage-unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(waited).toHaveLength(2);
    se.close();
  });

  test('is trusted over https only with the CA file that vouches for it', async () => {
    // Made for the tests, for 127.0.0.1; signs for itself.
    const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
    const [key, cert] = [fixture('key.pem'), fixture('cert.pem')];
    const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const open = (caFile?: string) =>
      createS3StorageElement({
        element: elementAt(port, { endpoint: { secure: true, host: '127.0.0.1', port }, caFile }),
        urls: urlsOf(`https://127.0.0.1:${port}`),
        retry: countedWaits().retry,
      });
    const [trusting, wary] = [open(cert), open()];
    try {
      await expect(trusting.getMetadata([lfn]).then((result) => [...result.failed])).resolves.not.toContainEqual(
        expect.objectContaining({ message: expect.stringContaining('SELF_SIGNED') }),
      );
      expect(singleResult(await trusting.exists([lfn]))).toBe(true);
      await expect(wary.exists([lfn]).then(singleResult)).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: expect.stringContaining('SELF_SIGNED'),
      });
    } finally {
      trusting.close();
      wary.close();
      server.closeAllConnections();
      server.close();
    }
    expect(() => open(join(folder, 'missing.pem'))).toThrow(expect.objectContaining({ code: 'invalid-configuration' }));
  });
});
