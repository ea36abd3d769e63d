import { Adler32, type Lfn, type PresignedUrl } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpClient } from '../http/index.js';
import type { Piece } from './part-plan.js';
import type { RangeFile } from './range-file.js';
import type { RateLimit } from './rate-limit.js';
import { errorOf } from './s3-error.js';

const writeBytes = 1024 * 1024;

export interface RangeRequest {
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
  const { http, lfn, signed, piece, etag, sizeBytes, file, rate, signal, onBytes } = request;
  const { start, length } = piece;
  const range = `${start}-${start + length - 1}`;
  const headers = { ...signed.headers, range: `bytes=${range}`, 'if-match': etag };
  const answer = await http.send({ method: 'GET', url: signed.url, headers, signal });
  if (answer.status !== 206 && answer.status !== 200) throw await errorOf(answer, lfn);
  try {
    // Whoever ignores ranges, or answers with another object, would fill this place with other bytes.
    if (
      answer.status !== 206 ||
      answer.headers['content-range'] !== `bytes ${range}/${sizeBytes}` ||
      (answer.headers.etag ?? etag) !== etag
    )
      throw new DiracS3Error('storage-unavailable', `${lfn}: the store did not answer with the range asked for`);
    const sum = new Adler32();
    const place = new Gathered(file, start);
    let arrived = 0;
    for await (const chunk of answer.chunks()) {
      if ((arrived += chunk.length) > length) throw new DiracS3Error('storage-unavailable', `${lfn}: the store sent more than the range`);
      sum.update(chunk);
      await place.add(chunk);
      onBytes(chunk.length);
      await rate.take(chunk.length, signal);
    }
    await place.end();
    if (arrived !== length) throw new DiracS3Error('storage-unavailable', `${lfn}: the store sent less than the range`);
    return sum.digest();
  } catch (thrown) {
    answer.destroy();
    throw thrown;
  }
}

/** Chunks of the network are small: they are put together in two buffers, of which one is written while the other one fills. */
class Gathered {
  readonly #file: RangeFile;
  #position: number;
  #filling = Buffer.allocUnsafe(writeBytes);
  #spare = Buffer.allocUnsafe(writeBytes);
  #filled = 0;
  #writing = Promise.resolve();

  constructor(file: RangeFile, position: number) {
    this.#file = file;
    this.#position = position;
  }

  async add(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const copied = chunk.copy(this.#filling, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled === writeBytes) await this.#turn();
    }
  }

  async end(): Promise<void> {
    await this.#turn();
    await this.#writing;
  }

  async #turn(): Promise<void> {
    await this.#writing;
    this.#writing = this.#file.write(this.#filling.subarray(0, this.#filled), this.#position);
    // Whoever waits for it gets its fault.
    this.#writing.catch(() => undefined);
    this.#position += this.#filled;
    [this.#filling, this.#spare, this.#filled] = [this.#spare, this.#filling, 0];
  }
}
