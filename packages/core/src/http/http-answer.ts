import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ResponseHead } from './response-head.js';

/** The head of an answer, and its body to come. The body must be read, discarded or destroyed: it holds a connection. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it comes. A connection that breaks off in the middle is thrown, never taken for an end. */
  chunks(): AsyncGenerator<Buffer, void>;
  /** The beginning of the body; when there is more, the rest is given up together with its connection. */
  start(maxBytes: number): Promise<Buffer>;
  /** Reads the body to its end and forgets it, so that the connection can be used again. */
  discard(): Promise<void>;
  destroy(): void;
}

/** An answer that is there already, whole. */
export function answerFrom({ status, headers }: Pick<ResponseHead, 'status' | 'headers'>, body: Buffer): HttpAnswer {
  return {
    status,
    headers: Object.fromEntries(headers),
    async *chunks() {
      yield await Promise.resolve(body);
    },
    start: (maxBytes) => Promise.resolve(body.subarray(0, maxBytes)),
    discard: () => Promise.resolve(),
    destroy: () => undefined,
  };
}

export function answerOf(message: IncomingMessage, faultOf: (error: unknown) => Error): HttpAnswer {
  async function* chunks(): AsyncGenerator<Buffer, void> {
    try {
      yield* message as AsyncIterable<Buffer>;
    } catch (thrown) {
      throw faultOf(thrown);
    }
  }
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    chunks,
    async start(maxBytes) {
      const parts: Buffer[] = [];
      let left = maxBytes;
      for await (const chunk of chunks()) {
        parts.push(chunk.subarray(0, left));
        left -= chunk.length;
        if (left < 0) break;
      }
      return Buffer.concat(parts);
    },
    async discard() {
      const all = chunks();
      while ((await all.next()).done !== true);
    },
    destroy: () => void message.destroy(),
  };
}
