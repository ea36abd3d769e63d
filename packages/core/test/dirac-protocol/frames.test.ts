import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DiracS3Error } from '../../src/errors/index.js';
import { FrameReader, writeFrame, type Frame } from '../../src/dirac-protocol/frames.js';

async function* stream(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk);
}

async function readAll(source: AsyncIterable<Uint8Array>, maxBytes = 1000): Promise<Frame[]> {
  const reader = new FrameReader(source, maxBytes);
  const frames: Frame[] = [];
  for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) frames.push(frame);
  return frames;
}

const texts = (frames: readonly Frame[]): string[] =>
  frames.map(({ keepAlive, payload }) => `${keepAlive ? 'ka ' : ''}${payload.toString('latin1')}`);

describe('frames of DISET', () => {
  test('are a decimal length, a colon and the payload; keep-alives have "dka" in front', () => {
    expect(writeFrame({ keepAlive: false, payload: Buffer.from('hello') }).toString()).toBe('5:hello');
    expect(writeFrame({ keepAlive: true, payload: Buffer.from('é') }).toString()).toBe('dka2:é');
  });

  test('are read wherever the bytes are cut', async () => {
    const bytes = Buffer.from('5:hellodka2:ka0:13:"1:2:3 dka4:"');
    for (let size = 1; size <= bytes.length; size += 1) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
      expect(texts(await readAll(stream(...chunks)))).toEqual(['hello', 'ka ka', '', '"1:2:3 dka4:"']);
    }
  });

  test('come back as they were sent, in whatever pieces', async () => {
    const sent = fc.array(fc.record({ keepAlive: fc.boolean(), payload: fc.uint8Array({ maxLength: 300 }) }));
    await fc.assert(
      fc.asyncProperty(sent, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), async (frames, sizes) => {
        const bytes = Buffer.concat(frames.map(writeFrame));
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < bytes.length; at += sizes[index++ % sizes.length]!)
          chunks.push(bytes.subarray(at, at + sizes[index % sizes.length]!));
        const read = await readAll(stream(...chunks));
        expect(read.map(({ keepAlive, payload }) => ({ keepAlive, payload: new Uint8Array(payload) }))).toEqual(frames);
      }),
    );
  });

  test.each([
    ['no length', 'hello world'],
    ['a length beyond the tenth byte', '00000000005:hello'],
    ['a negative length', '-5:hello'],
    ['a fraction', '5.0:hello'],
    ['a length in hexadecimal', '0x5:hello'],
    ['an empty length', ':hello'],
    ['a wrong mark', 'dkb5:hello'],
    ['two marks', 'dkadka5:hello'],
    ['an end in the mark', 'dk'],
    ['an end in the length', '12'],
    ['an end in the payload', '5:hell'],
    ['a payload that is too long', '1001:'],
    ['a payload that is far too long', '999999999:'],
  ])('with %s are refused', async (_, text) => {
    await expect(readAll(stream(text))).rejects.toMatchObject({ code: 'service-unavailable' });
  });

  test('a length is refused before its payload is waited for', async () => {
    let taken = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('2000:'));
      for (; ; taken += 1) yield await Promise.resolve(Buffer.alloc(1000));
    }
    await expect(readAll(endless())).rejects.toThrow(/longer than 1000 bytes/);
    expect(taken).toBe(0);
  });

  test('no bytes do anything but give frames or be refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 30 })), fc.constantFrom('', '3:', 'dka', 'dka2:'), async (chunks, start) => {
        await readAll(stream(start, ...chunks)).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(DiracS3Error));
      }),
      { numRuns: 1000 },
    );
  });
});
