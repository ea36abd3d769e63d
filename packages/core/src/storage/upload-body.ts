import type { PresignedPost, PresignedUrl } from '../domain/index.js';
import type { BodyWriter } from '../http/index.js';
import type { RateLimit } from './rate-limit.js';
import type { SourceFile } from './source-file.js';

/** An upload ready to be sent: headers with the exact length, and what writes the body. */
export interface UploadBody {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (to: BodyWriter) => Promise<void>;
}

export interface UploadBodyOptions {
  /** A text that occurs nowhere in the fields; random. */
  readonly boundary: string;
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
  readonly rate: RateLimit;
  readonly signal: AbortSignal | undefined;
}

/** The pieces of a short body. */
export async function collected(body: UploadBody['body']): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const take = (bytes: Uint8Array): Promise<void> => {
    pieces.push(bytes);
    return Promise.resolve();
  };
  await body({ write: take, flush: take });
  return pieces;
}

/** The body of a presigned PUT (the bytes) or of a POST policy (the form, its file last as S3 demands). */
export function uploadBodyOf(presigned: PresignedUrl | PresignedPost, source: SourceFile, options: UploadBodyOptions): UploadBody {
  const send = sender(source, options);
  if (presigned.kind === 'url') {
    return {
      method: presigned.httpMethod,
      headers: { ...presigned.headers, 'content-length': String(source.sizeBytes) },
      body: (to) => send(to),
    };
  }
  const { head, tail } = form(presigned.fields, options.boundary);
  return {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${options.boundary}`,
      'content-length': String(head.length + source.sizeBytes + tail.length),
    },
    body: async (to) => {
      await to.write(head);
      await send(to);
      await to.write(tail);
    },
  };
}

function sender(source: SourceFile, { onProgress, rate, signal }: UploadBodyOptions): (to: BodyWriter) => Promise<void> {
  return async (to) => {
    let done = 0;
    for await (const chunk of source.chunks()) {
      for await (const slice of rate.pass(chunk, signal)) {
        await to.write(slice);
        onProgress?.((done += slice.length));
      }
    }
  };
}

/** `multipart/form-data` (RFC 7578). Names and values come from the signer and hold neither quotes nor line breaks. */
function form(fields: Readonly<Record<string, string>>, boundary: string): { head: Buffer; tail: Buffer } {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return { head: Buffer.from(parts.join('') + file), tail: Buffer.from(`\r\n--${boundary}--\r\n`) };
}
