import { DiracS3Error } from '../errors/index.js';

/** One message of DISET. */
export interface Frame {
  /** One that only shows that the other side is there. */
  readonly keepAlive: boolean;
  readonly payload: Buffer;
}

const keepAliveMark = Buffer.from('dka');

/** The ":" must be within the first ten bytes (`BaseTransport.receiveData`). */
const maxHeaderBytes = 10;

/** `<decimal length>:<payload>`, after `dka` when it is a keep-alive. */
export function writeFrame({ keepAlive, payload }: { readonly keepAlive: boolean; readonly payload: Uint8Array }): Buffer {
  return Buffer.concat([...(keepAlive ? [keepAliveMark] : []), Buffer.from(`${payload.length}:`), payload]);
}

/** Cuts a stream of bytes into frames; takes no more memory than the longest frame that is allowed, and one chunk. */
export class FrameReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #maxPayloadBytes: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(source: AsyncIterable<Uint8Array>, maxPayloadBytes: number) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * The next frame; undefined when the stream ends before one begins.
   *
   * @throws service-unavailable for what is no frame, is too long, or ends in the middle
   */
  async next(): Promise<Frame | undefined> {
    if (this.#length === 0 && !(await this.#more())) return undefined;
    await this.#atLeast(1);
    const keepAlive = this.#peek()[0] === keepAliveMark[0];
    if (keepAlive && !(await this.#take(keepAliveMark.length)).equals(keepAliveMark)) throw broken('it does not begin with its length');
    return { keepAlive, payload: await this.#take(await this.#payloadLength()) };
  }

  async #payloadLength(): Promise<number> {
    let head = this.#peek();
    while (!head.subarray(0, maxHeaderBytes).includes(0x3a)) {
      if (head.length >= maxHeaderBytes) throw broken('it does not begin with its length');
      await this.#atLeast(head.length + 1);
      head = this.#peek();
    }
    const digits = (await this.#take(head.indexOf(0x3a) + 1)).subarray(0, -1).toString('latin1');
    if (!/^\d+$/.test(digits)) throw broken('it does not begin with its length');
    const length = Number(digits);
    if (length > this.#maxPayloadBytes) throw broken(`it is longer than ${this.#maxPayloadBytes} bytes`);
    return length;
  }

  /** Everything that is buffered, joined: each byte is copied once more for a frame at most. */
  #peek(): Buffer {
    const joined =
      this.#parts.length === 1
        ? Buffer.from(this.#parts[0]!.buffer, this.#parts[0]!.byteOffset, this.#parts[0]!.length)
        : Buffer.concat(this.#parts);
    this.#parts = [joined];
    return joined;
  }

  async #take(length: number): Promise<Buffer> {
    await this.#atLeast(length);
    const all = this.#peek();
    this.#parts = [all.subarray(length)];
    this.#length -= length;
    return all.subarray(0, length);
  }

  async #atLeast(length: number): Promise<void> {
    while (this.#length < length) if (!(await this.#more())) throw broken('the connection ended in the middle of it');
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#parts.push(next.value);
    this.#length += next.value.length;
    return true;
  }
}

function broken(fault: string): DiracS3Error {
  return new DiracS3Error('service-unavailable', `a message is not as DISET has it: ${fault}`);
}
