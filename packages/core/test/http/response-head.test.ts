import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { parseResponseHead } from '../../src/http/response-head.js';
import { UnfamiliarAnswer } from '../../src/http/index.js';

const parse = (text: string): ReturnType<typeof parseResponseHead> => parseResponseHead(Buffer.from(text, 'latin1'));
const plain = 'HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n';

describe('the head of an answer', () => {
  test('is read with its length, names in lower case, values without the blanks around them', () => {
    const parsed = parse('HTTP/1.1 206 Partial Content\r\nContent-Length:5\r\nX-Odd: \t a: b \t\r\nEmpty:\r\n\r\nhello');
    expect(parsed?.head).toEqual({
      status: 206,
      headers: new Map([
        ['content-length', '5'],
        ['x-odd', 'a: b'],
        ['empty', ''],
      ]),
      contentLength: 5,
      keepAlive: true,
    });
    expect(parsed?.length).toBe(75);
  });

  test('is not there before its last byte, wherever it is cut', () => {
    for (let cut = 0; cut < plain.length; cut += 1) expect(parse(plain.slice(0, cut))).toBeUndefined();
    expect(parse(plain)?.length).toBe(plain.length);
  });

  test.each([
    ['keep-alive', true],
    ['Keep-Alive', true],
    ['close', false],
    ['something else', false],
  ])('Connection: %s', (value, keepAlive) => {
    expect(parse(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: ${value}\r\n\r\n`)?.head.keepAlive).toBe(keepAlive);
  });

  test.each([
    ['to HEAD', 'HEAD', '200 OK', 'Content-Length: 5\r\n'],
    ['to HEAD, without a length', 'HEAD', '404 Not Found', ''],
    ['to HEAD, with chunks', 'HEAD', '404 Not Found', 'Transfer-Encoding: chunked\r\n'],
    ['without content', 'POST', '204 No Content', ''],
  ])('has nothing behind it in an answer %s', (_, method, status, headers) => {
    const text = `HTTP/1.1 ${status}\r\n${headers}\r\n`;
    expect(parseResponseHead(Buffer.from(text), method)).toMatchObject({ head: { contentLength: 0 }, length: text.length });
  });

  test.each([
    ['', true],
    ['Content-Length: 0\r\n', true],
    ['Content-Length: 5\r\n', false],
    ['Transfer-Encoding: chunked\r\n', false],
  ])('without content that announces %j: may its connection be used again? %p', (headers, keepAlive) => {
    expect(parse(`HTTP/1.1 204 No Content\r\n${headers}\r\n`)?.head).toMatchObject({ contentLength: 0, keepAlive });
  });

  test.each([
    ['another version', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n'],
    ['HTTP/2', 'HTTP/2 200\r\nContent-Length: 1\r\n\r\n'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['no status', 'HTTP/1.1 OK\r\nContent-Length: 1\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\n'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n'],
    ['a length in hexadecimal', 'HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n'],
    ['a length beyond 2^53', 'HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999\r\n\r\n'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['chunks and a length', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-A: b\r\n c\r\n\r\n'],
    ['a blank before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nnothing\r\n\r\n'],
    ['a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 1\r\nX: y\r\n\r\n'],
    ['a line feed in a value', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: a\nContent-Length: 7\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: \0\r\n\r\n'],
    ['another protocol to come', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nUpgrade: h2c\r\n\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(17_000)}`],
  ])('is unfamiliar with %s', (_, text) => {
    expect(() => parse(text)).toThrow(UnfamiliarAnswer);
  });

  test('never reads what the parser of Node reads differently: heads changed at random', async () => {
    let answer = Buffer.alloc(0);
    const server = createServer();
    server.on('connection', (socket) => socket.once('data', () => socket.end(answer)));
    // The server's own parser is not asked.
    server.removeAllListeners('request');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const byNode = (): Promise<{ status: number; length: string | undefined; body: string } | undefined> =>
      new Promise((resolve) => {
        const request = get({ port, host: '127.0.0.1', agent: false }, (message: IncomingMessage) => {
          const parts: Buffer[] = [];
          message.on('data', (part: Buffer) => parts.push(part));
          message.on('error', () => resolve(undefined));
          message.on('end', () =>
            resolve({
              status: message.statusCode ?? 0,
              length: message.headers['content-length'],
              body: Buffer.concat(parts).toString('latin1'),
            }),
          );
        });
        request.on('error', () => resolve(undefined));
      });
    const pieces = ['\r\n', ' ', '\t', ':', '\n', '\r', '\0', '0', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'x'];
    let seed = 20_240_601;
    const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    let understood = 0;
    try {
      for (let round = 0; round < 600; round += 1) {
        let text = plain;
        for (let change = random(3); change >= 0; change -= 1) {
          const at = random(text.length);
          text = text.slice(0, at) + (pieces[random(pieces.length)] ?? '') + text.slice(at + random(3));
        }
        answer = Buffer.from(`${text}hello, and more`, 'latin1');
        let ours: ReturnType<typeof parseResponseHead>;
        try {
          ours = parseResponseHead(answer);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(UnfamiliarAnswer);
          continue;
        }
        if (ours === undefined) continue;
        understood += 1;
        const { head, length } = ours;
        const theirs = await byNode();
        // What Node refuses altogether is no other reading.
        if (theirs === undefined) continue;
        const body = answer.toString('latin1', length, length + head.contentLength);
        expect({ text, ...theirs }).toEqual({ text, status: head.status, length: head.headers.get('content-length'), body });
      }
    } finally {
      server.close();
    }
    expect(understood).toBeGreaterThan(20);
  });
});
