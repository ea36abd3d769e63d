import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { Adler32 } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { BodyWriter } from '../http/index.js';
import { localFault } from './local-fault.js';
import type { Piece } from './part-plan.js';
import { sourceMarkOf, type SourceMark } from './transfer-journal.js';

const chunkBytes = 256 * 1024;

/** A file that is sent in parts, opened once and read at offsets. */
export class PartFile {
  readonly #handle: FileHandle;
  readonly #name: string;
  /** Used again and again: thousands of new ones would wait for the garbage collector, which does not see how large they are. */
  readonly #free: Buffer[] = [];
  readonly mark: SourceMark;

  private constructor(name: string, handle: FileHandle, mark: SourceMark) {
    this.#name = name;
    this.#handle = handle;
    this.mark = mark;
  }

  static async open(path: string): Promise<PartFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const facts = await handle.stat();
      if (!facts.isFile()) throw new DiracS3Error('local-file', `${path} is not a regular file`);
      return new PartFile(path, handle, sourceMarkOf(facts));
    } catch (cause) {
      await handle?.close();
      throw localFault(path, 'read', cause);
    }
  }

  async adlerOf(
    piece: Piece,
    { signal, onBytes }: { signal?: AbortSignal | undefined; onBytes?: (bytes: number) => void } = {},
  ): Promise<string> {
    const sum = new Adler32();
    await this.#each(piece, signal, (chunk) => {
      sum.update(chunk);
      onBytes?.(chunk.length);
    });
    return sum.digest();
  }

  /** What stores verify a part by, and call it. */
  async md5Of(piece: Piece, signal?: AbortSignal): Promise<string> {
    const sum = createHash('md5');
    await this.#each(piece, signal, (chunk) => void sum.update(chunk));
    return sum.digest('hex');
  }

  /**
   * Writes a part as a body, by two buffers in turn, and gives its MD5, hexadecimal. The last bytes go out only when the part is what it was
   * when it was summed: a file that changed since is `checksum-mismatch` before the request is complete.
   */
  async send(
    to: BodyWriter,
    piece: Piece,
    { adler, before }: { adler: string; before: (bytes: number) => Promise<void> },
  ): Promise<string> {
    const sum = new Adler32();
    const md5 = createHash('md5');
    const buffers = [this.#buffer(), this.#buffer()];
    const flushed: Promise<void>[] = [Promise.resolve(), Promise.resolve()];
    for (let at = 0, turn = 0; at < piece.length; turn = 1 - turn) {
      await flushed[turn];
      const chunk = await this.#read(buffers[turn]!, piece, at);
      sum.update(chunk);
      md5.update(chunk);
      at += chunk.length;
      if (at === piece.length) await this.#refuseChange(sum.digest() === adler);
      await before(chunk.length);
      flushed[turn] = to.flush(chunk);
      // Whoever waits for it gets its fault.
      flushed[turn]!.catch(() => undefined);
    }
    await Promise.all(flushed);
    // After a fault the socket may still hold them.
    this.#free.push(...buffers);
    return md5.digest('hex');
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** While a chunk is looked at, the next one is read. */
  async #each(piece: Piece, signal: AbortSignal | undefined, step: (chunk: Buffer) => void): Promise<void> {
    if (piece.length === 0) return;
    const buffers = [this.#buffer(), this.#buffer()];
    const read = async (turn: number, at: number): Promise<Buffer> => this.#read(buffers[turn]!, piece, at);
    let next = read(0, 0);
    for (let at = 0, turn = 1; at < piece.length; turn = 1 - turn) {
      const chunk = await next;
      at += chunk.length;
      if (at < piece.length) {
        signal?.throwIfAborted();
        next = read(turn, at);
        // Whoever waits for it gets its fault.
        next.catch(() => undefined);
      }
      step(chunk);
    }
    this.#free.push(...buffers);
  }

  #buffer(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
  }

  async #refuseChange(same: boolean): Promise<void> {
    if (!same) throw new DiracS3Error('checksum-mismatch', `${this.#name} changed while it was sent`);
    if ((await this.#handle.stat()).size !== this.mark.sizeBytes)
      throw new DiracS3Error('size-mismatch', `${this.#name} changed its size while it was sent`);
  }

  async #read(buffer: Buffer, { start, length }: Piece, at: number): Promise<Buffer> {
    try {
      const { bytesRead } = await this.#handle.read(buffer, 0, Math.min(buffer.length, length - at), start + at);
      if (bytesRead === 0) throw new DiracS3Error('size-mismatch', `${this.#name} became shorter while it was sent`);
      return buffer.subarray(0, bytesRead);
    } catch (cause) {
      throw localFault(this.#name, 'read', cause);
    }
  }
}
