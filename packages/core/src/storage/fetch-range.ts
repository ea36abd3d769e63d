import { Adler32, type Lfn, type PresignedUrl } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { UnfamiliarAnswer, type BodyClient, type HttpClient } from '../http/index.js';
import type { Piece } from './part-plan.js';
import type { RangeFile } from './range-file.js';
import type { RateLimit } from './rate-limit.js';
import { errorOf } from './s3-error.js';

export interface RangeRequest {
  /** Fetches the range; what it does not understand, errors among it, is asked for again by `http`. */
  readonly bodies: BodyClient;
  readonly http: HttpClient;
  readonly lfn: Lfn;
  readonly signed: PresignedUrl;
  readonly piece: Piece;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly file: RangeFile;
  readonly rate: RateLimit;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (bytes: number) => void;
}

/** GET of one range of the object with that ETag, written at its place. Gives its Adler-32. */
export async function fetchRange(request: RangeRequest): Promise<string> {
  try {
    return await byBodyClient(request);
  } catch (thrown) {
    if (!(thrown instanceof UnfamiliarAnswer)) throw thrown;
    return byHttpClient(request);
  }
}

async function byBodyClient(request: RangeRequest): Promise<string> {
  const arrived = new Arrived(request);
  await request.bodies.send(questionOf(request), {
    begin: ({ status, headers, contentLength }) => {
      if (status !== 206) throw new UnfamiliarAnswer('no range');
      refuseOther(request, { contentRange: headers.get('content-range'), etag: headers.get('etag') });
      // No byte is looked at of a body that cannot be the range.
      if (contentLength !== request.piece.length) throw wrongLength(request);
    },
    take: (bytes) => arrived.take(bytes),
  });
  return arrived.end();
}

async function byHttpClient(request: RangeRequest): Promise<string> {
  const { http, lfn } = request;
  const answer = await http.send({ method: 'GET', ...questionOf(request) });
  if (answer.status !== 206 && answer.status !== 200) throw await errorOf(answer, lfn);
  try {
    const { etag } = answer.headers;
    refuseOther(request, { contentRange: answer.status === 206 ? answer.headers['content-range'] : undefined, etag });
    const arrived = new Arrived(request);
    for await (const chunk of answer.chunks()) await arrived.take(chunk);
    return arrived.end();
  } catch (thrown) {
    answer.destroy();
    throw thrown;
  }
}

function questionOf({ signed, piece, etag, signal }: RangeRequest): {
  url: string;
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
} {
  return { url: signed.url, headers: { ...signed.headers, range: `bytes=${bytesOf(piece)}`, 'if-match': etag }, signal };
}

function bytesOf({ start, length }: Piece): string {
  return `${start}-${start + length - 1}`;
}

/** Whoever ignores ranges, or answers with another object, would fill this place with other bytes. */
function refuseOther(
  { lfn, piece, etag, sizeBytes }: RangeRequest,
  answer: { readonly contentRange: string | undefined; readonly etag: string | undefined },
): void {
  if (answer.contentRange !== `bytes ${bytesOf(piece)}/${sizeBytes}` || (answer.etag ?? etag) !== etag)
    throw new DiracS3Error('storage-unavailable', `${lfn}: the store did not answer with the range asked for`);
}

function wrongLength({ lfn }: RangeRequest): DiracS3Error {
  return new DiracS3Error('storage-unavailable', `${lfn}: the store sent more or less than the range`);
}

/** What has come of a range. */
class Arrived {
  readonly #request: RangeRequest;
  readonly #sum = new Adler32();
  #bytes = 0;

  constructor(request: RangeRequest) {
    this.#request = request;
  }

  /** Summed at once, and written when the promise has resolved. */
  async take(bytes: Buffer): Promise<void> {
    const { piece, file, rate, signal, onBytes } = this.#request;
    const at = piece.start + this.#bytes;
    if ((this.#bytes += bytes.length) > piece.length) throw wrongLength(this.#request);
    this.#sum.update(bytes);
    await file.write(bytes, at);
    onBytes(bytes.length);
    await rate.take(bytes.length, signal);
  }

  /** The Adler-32 of all of it. */
  end(): string {
    if (this.#bytes !== this.#request.piece.length) throw wrongLength(this.#request);
    return this.#sum.digest();
  }
}
