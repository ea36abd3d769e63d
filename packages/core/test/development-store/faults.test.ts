import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fault, FaultRequest } from '../../src/testing/development-store/index.js';
import { say } from '../store-conformance/http.js';
import { startStoreUnderTest } from '../store-conformance/development-store.js';
import { Talk } from '../store-conformance/talk.js';

describe('a fault that is asked for', () => {
  let fault: Fault | undefined;
  let asked: FaultRequest[];
  let talk: Talk;
  let close: () => Promise<void>;

  beforeEach(async () => {
    fault = undefined;
    asked = [];
    const running = await startStoreUnderTest({
      faults: (request) => {
        asked.push(request);
        return request.method === 'PUT' || request.method === 'GET' ? fault : undefined;
      },
    });
    talk = new Talk(running.store);
    close = running.close;
  });
  afterEach(() => close());

  it('answers 500 to what matches, and nothing is stored', async () => {
    fault = { kind: 'answer' };
    expect(say(await talk.presigned('PUT', 'key', {}, { body: 'x' }))).toBe('500 InternalError');
    fault = undefined;
    expect(await talk.content('key')).toBe('404 NoSuchKey');
    expect(asked.map(({ method, target }) => `${method} ${target.split('?')[0]}`)).toEqual([
      'PUT /conformance/key',
      'GET /conformance/key',
    ]);
  });

  it('answers with any status and code', async () => {
    fault = { kind: 'answer', status: 503, code: 'SlowDown' };
    expect(say(await talk.presigned('GET', 'key'))).toBe('503 SlowDown');
  });

  it('cuts a download after so many bytes', async () => {
    const key = await talk.given('key', 'x'.repeat(500_000));
    fault = { kind: 'break-download', afterBytes: 1000 };
    await expect(talk.presigned('GET', key)).rejects.toThrow(/aborted/);
    fault = undefined;
    expect((await talk.presigned('GET', key)).body.length).toBe(500_000);
  });

  it('cuts an upload after so many bytes, and what was there stays', async () => {
    const key = await talk.given('key', 'before');
    fault = { kind: 'break-upload', afterBytes: 1000 };
    await expect(talk.presigned('PUT', key, {}, { body: 'x'.repeat(500_000) })).rejects.toThrow(/ECONNRESET|EPIPE|hang up/);
    fault = undefined;
    expect(await talk.content(key)).toBe('before');
  });

  it('loses an answer, and has done what it was asked to', async () => {
    fault = { kind: 'lose-answer' };
    await expect(talk.presigned('PUT', 'key', {}, { body: 'x' })).rejects.toThrow(/ECONNRESET|hang up/);
    fault = undefined;
    expect(await talk.content('key')).toBe('x');
  });

  it('delays, and does everything as always', async () => {
    fault = { kind: 'delay', milliseconds: 1 };
    expect(say(await talk.presigned('PUT', 'key', {}, { body: 'x' }))).toBe('200');
    expect(await talk.content('key')).toBe('x');
  });
});
