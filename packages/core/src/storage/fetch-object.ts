import type { Lfn, PresignedUrl } from '../domain/index.js';
import { shortAnswerBytes, UnfamiliarAnswer, type ResponseHead } from '../http/index.js';
import { metadataOf } from './object-metadata.js';
import { openObject } from './object-requests.js';
import { ArrivingObject, type ReceiveOptions } from './receive-object.js';
import { s3CodeIn, storeError, type StoreRefusal } from './s3-error.js';
import type { S3Tools } from './s3-tools.js';
import type { Download, ObjectMetadata, ReceivedFile } from './types.js';

/** What is to be fetched in ranges: large, and with an ETag that tells its bytes from others. */
export interface LargeObject {
  readonly large: ObjectMetadata & { readonly etag: string };
}

interface Request {
  readonly tools: Pick<S3Tools, 'http' | 'bodies' | 'rangeBytes'>;
  readonly download: Download;
  readonly signed: PresignedUrl;
  readonly options: ReceiveOptions;
}

/**
 * GET of an object, whole; of a large one only what the store says of it. What the client for bodies does not understand is asked for again by the
 * ordinary one.
 */
export async function fetchObject(request: Request): Promise<ReceivedFile | LargeObject> {
  const { tools, download } = request;
  try {
    return await ((download.expected?.sizeBytes ?? 0) > tools.rangeBytes ? lookAt(request) : byBodyClient(request));
  } catch (thrown) {
    if (!(thrown instanceof UnfamiliarAnswer)) throw thrown;
    return byHttpClient(request);
  }
}

/** The first byte alone of an object that is expected to be large: the store would begin to read what nobody takes. */
async function lookAt({ tools, signed: { url, headers }, options }: Request): Promise<LargeObject> {
  let found: LargeObject | undefined;
  await tools.bodies.send(
    { url, headers: { ...headers, range: 'bytes=0-0' }, signal: options.signal },
    {
      begin: (head) => {
        const size = /^bytes 0-0\/(\d+)$/.exec(head.headers.get('content-range') ?? '')?.[1];
        if (head.status !== 206 || size === undefined) throw new UnfamiliarAnswer('no range');
        const stored = { ...Object.fromEntries(head.headers), 'content-length': size };
        found = largeObjectOf(metadataOf({ headers: stored }), tools.rangeBytes);
      },
      take: () => Promise.resolve(),
    },
  );
  if (found === undefined) throw new UnfamiliarAnswer('no large object');
  return found;
}

/** Ends a request whose body is not wanted. */
class NotWanted extends Error {}

async function byBodyClient({ tools, download, signed: { url, headers }, options }: Request): Promise<ReceivedFile | LargeObject> {
  const arriving = new ArrivingObject(download, options);
  let found: LargeObject | undefined;
  let refusal: ErrorAnswer | undefined;
  try {
    await tools.bodies.send(
      { url, headers, signal: options.signal },
      {
        begin: (head) => {
          if (head.status !== 200) return void (refusal = new ErrorAnswer(head));
          const stored = metadataOf({ headers: Object.fromEntries(head.headers) });
          found = largeObjectOf(stored, tools.rangeBytes);
          if (found !== undefined) throw new NotWanted();
          arriving.begin(stored);
        },
        take: (bytes) => (refusal ?? arriving).take(bytes),
      },
    );
    if (refusal !== undefined) throw refusal.fault(download.lfn);
    return await arriving.end();
  } catch (thrown) {
    await arriving.abandon();
    if (thrown instanceof NotWanted && found !== undefined) return found;
    throw thrown;
  }
}

class ErrorAnswer {
  readonly #status: number;
  #text = '';

  /** @throws UnfamiliarAnswer for one that is no error, or too long for one */
  constructor({ status, contentLength }: ResponseHead) {
    if (status < 300 || contentLength > shortAnswerBytes) throw new UnfamiliarAnswer('no object');
    this.#status = status;
  }

  take(bytes: Buffer): Promise<void> {
    this.#text += bytes.toString('latin1');
    return Promise.resolve();
  }

  fault(lfn: Lfn): StoreRefusal {
    return storeError(lfn, this.#status, s3CodeIn(this.#text));
  }
}

async function byHttpClient({ tools, download, signed, options }: Request): Promise<ReceivedFile | LargeObject> {
  const answer = await openObject(tools, download.lfn, { signed, signal: options.signal });
  const arriving = new ArrivingObject(download, options);
  try {
    const stored = metadataOf(answer);
    const found = largeObjectOf(stored, tools.rangeBytes);
    if (found !== undefined) {
      answer.destroy();
      return found;
    }
    arriving.begin(stored);
    for await (const chunk of answer.chunks()) await arriving.take(chunk);
    return await arriving.end();
  } catch (thrown) {
    answer.destroy();
    await arriving.abandon();
    throw thrown;
  }
}

function largeObjectOf(stored: ObjectMetadata, rangeBytes: number): LargeObject | undefined {
  const { etag, sizeBytes } = stored;
  return sizeBytes > rangeBytes && etag !== undefined && /^"[^"]+"$/.test(etag) ? { large: { ...stored, etag } } : undefined;
}
