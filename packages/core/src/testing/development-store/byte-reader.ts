/** Reads a stream of bytes piece by piece: lines, counted bytes, or everything up to a delimiter. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Everything before `delimiter`, which is consumed; undefined when it does not come within `limit` bytes. */
  async readUntil(delimiter: string, limit: number): Promise<Buffer | undefined> {
    for (;;) {
      const found = this.#buffer.indexOf(delimiter, 0, 'latin1');
      if (found >= 0 && found <= limit) return this.#consume(found, delimiter.length);
      if (this.#buffer.length > limit || !(await this.#more())) return undefined;
    }
  }

  /** The next `length` bytes as they come; fewer when the stream ends. */
  async *take(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      if (this.#buffer.length === 0 && !(await this.#more())) return;
      const piece = this.#consume(Math.min(left, this.#buffer.length));
      left -= piece.length;
      yield piece;
    }
  }

  /** Everything before `delimiter` as it comes. @throws `missing()` when the stream ends first. */
  async *streamUntil(delimiter: string, missing: () => Error): AsyncGenerator<Buffer> {
    for (;;) {
      const found = this.#buffer.indexOf(delimiter, 0, 'latin1');
      if (found >= 0) {
        yield this.#consume(found, delimiter.length);
        return;
      }
      // The end of the buffer may be the beginning of the delimiter.
      const safe = this.#buffer.length - delimiter.length + 1;
      if (safe > 0) yield this.#consume(safe);
      if (!(await this.#more())) throw missing();
    }
  }

  /** Reads to the end of the stream and forgets it. */
  async drain(): Promise<void> {
    do this.#buffer = Buffer.alloc(0);
    while (await this.#more());
  }

  #consume(length: number, skip = 0): Buffer {
    const piece = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length + skip);
    return piece;
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
    return true;
  }
}
