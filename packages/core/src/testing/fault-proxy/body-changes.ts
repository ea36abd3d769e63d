import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProxyFault } from './fault-plan.js';

/** What is done to a body on its way. */
export interface BodyChanges {
  /** Stop before this byte. */
  readonly cutAt?: number;
  readonly flip?: { readonly at: number; readonly mask: number };
  /** Passed in pieces, each after its share of the time. */
  readonly spread?: { readonly bytes: number; readonly milliseconds: number };
}

/** Waits until so many bytes may pass. */
export type Gate = (bytes: number) => Promise<void>;

const pieces = 16;

/** The fault as it applies to a body of that length; an unknown length is taken for one byte, so that the first one suffers. */
export function changesOf(fault: ProxyFault | undefined, direction: 'request' | 'answer', lengthBytes: number): BodyChanges {
  const length = Math.max(1, lengthBytes);
  const at = (place: number): number => Math.min(Math.floor(place * length), length - 1);
  if (fault?.kind === 'trickle') return { spread: { bytes: Math.ceil(length / pieces), milliseconds: fault.milliseconds / pieces } };
  const cuts = direction === 'request' ? 'cut-request' : 'cut-answer';
  const corrupts = direction === 'request' ? 'corrupt-request' : 'corrupt-answer';
  if (fault?.kind === cuts) return { cutAt: at(fault.place) };
  if (fault?.kind === corrupts) return { flip: { at: at(fault.place), mask: fault.mask } };
  return {};
}

/**
 * Copies piece by piece, and does not end the target. Resolves to the number of bytes that passed: fewer than came when the body is cut.
 *
 * @throws when either side is lost
 */
export async function copyBody(
  from: Readable,
  to: Writable,
  { changes = {}, gate }: { readonly changes?: BodyChanges; readonly gate?: Gate | undefined } = {},
): Promise<number> {
  const { cutAt = Infinity, flip, spread } = changes;
  const closed = new Promise((resolve) => to.once('close', resolve));
  let passed = 0;
  for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    for (const piece of cutUp(changed(chunk, passed, flip).subarray(0, Math.max(0, cutAt - passed)), spread?.bytes)) {
      if (spread) await wait(spread.milliseconds);
      await gate?.(piece.length);
      if (to.destroyed) throw new Error('nobody takes the body any more');
      // Until it has left this process: a cut that follows is then exact.
      await Promise.race([new Promise((resolve) => to.write(piece, resolve)), closed]);
      passed += piece.length;
    }
    if (passed >= cutAt) break;
  }
  return passed;
}

function changed(chunk: Buffer, start: number, flip: BodyChanges['flip']): Buffer {
  const at = flip === undefined ? -1 : flip.at - start;
  if (flip === undefined || at < 0 || at >= chunk.length) return chunk;
  const copy = Buffer.from(chunk);
  copy[at] = (copy[at] ?? 0) ^ flip.mask;
  return copy;
}

function* cutUp(bytes: Buffer, size = bytes.length): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** One gate for everything that passes: so many bytes per second in all, in pieces as they come. */
export function rateGate(bytesPerSecond: number, now: () => number = () => performance.now()): Gate {
  let free = now();
  return async (bytes) => {
    const start = Math.max(free, now());
    free = start + (bytes / bytesPerSecond) * 1000;
    if (free > now()) await wait(free - now());
  };
}
