import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Adler32, LaneSums, type Sums } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { BodyWriter } from '../http/index.js';
import { LocalFile } from '../local-files/index.js';
import { localFault } from './local-fault.js';
import type { Piece } from './part-plan.js';
import { roomBytes, sumSideBySide, type ReadPiece, type SumOptions } from './part-sums.js';
import { isSameSource, sourceMarkOf, type NotedSums, type SourceMark } from './transfer-journal.js';

const chunkBytes = 512 * 1024;

/** A file that is sent in parts, opened once and read at offsets. */
export class PartFile {
  readonly #file: LocalFile;
  readonly #name: string;
  /** Used again and again: thousands of new ones would wait for the garbage collector, which does not see how large they are. */
  readonly #free: Buffer[] = [];
  readonly mark: SourceMark;

  private constructor(name: string, file: LocalFile, mark: SourceMark) {
    this.#name = name;
    this.#file = file;
    this.mark = mark;
  }

  static async open(path: string): Promise<PartFile> {
    let file: LocalFile | undefined;
    try {
      file = await LocalFile.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const facts = await file.stat();
      if (!facts.isFile()) throw new DiracS3Error('local-file', `${path} is not a regular file`);
      return new PartFile(path, file, sourceMarkOf(facts));
    } catch (cause) {
      await file?.close();
      throw localFault(path, 'read', cause);
    }
  }

  /** Sums of all these parts, several at a time where that is faster. */
  async sumsOf(pieces: readonly Piece[], options: SumOptions = {}): Promise<Sums[]> {
    const lanes = pieces.length > 1 ? LaneSums.create(roomBytes) : undefined;
    const read: ReadPiece = async (buffer, piece, at) => (await this.#read(buffer, piece, at)).length;
    const sums: Sums[] = [];
    for (let from = 0; from < pieces.length; from += LaneSums.lanes) {
      const some = pieces.slice(from, from + LaneSums.lanes);
      if (lanes === undefined || some.length === 1) for (const piece of some) sums.push(await this.sumOf(piece, options));
      else sums.push(...(await sumSideBySide(lanes, some, { ...options, read })));
    }
    return sums;
  }

  /** The MD5 is what stores verify a part by, and call it. */
  async sumOf(piece: Piece, { signal, onBytes }: SumOptions = {}): Promise<Sums> {
    const [adler, md5] = [new Adler32(), createHash('md5')];
    await this.#each(piece, signal, (chunk) => {
      adler.update(chunk);
      md5.update(chunk);
      onBytes?.(chunk.length);
    });
    return { adler: adler.digest(), md5: md5.digest('hex') };
  }

  /** Sums a part again. One that is no more what was noted of it is `checksum-mismatch`. */
  async verify(piece: Piece, noted: NotedSums, signal: AbortSignal | undefined): Promise<Sums> {
    const sums = await this.sumOf(piece, { signal });
    if (sums.adler !== noted.adler || sums.md5 !== (noted.md5 ?? sums.md5))
      throw new DiracS3Error('checksum-mismatch', `${this.#name} changed while it was sent`);
    return sums;
  }

  /** Nobody has written to it since it was opened, as far as the file system tells. */
  async isUntouched(): Promise<boolean> {
    return isSameSource(sourceMarkOf(await this.#file.stat()), this.mark);
  }

  /** Writes a part as a body, by two buffers in turn, in the slices of `pass`. The last bytes go out only when the file has the size it had. */
  async send(to: BodyWriter, piece: Piece, pass: (bytes: Uint8Array) => AsyncIterable<Uint8Array>): Promise<void> {
    const buffers = [this.#buffer(), this.#buffer()];
    const flushed: Promise<void>[] = [Promise.resolve(), Promise.resolve()];
    for (let at = 0, turn = 0; at < piece.length; turn = 1 - turn) {
      await flushed[turn];
      const chunk = await this.#read(buffers[turn]!, piece, at);
      at += chunk.length;
      if (at === piece.length) await this.#refuseOtherSize();
      for await (const slice of pass(chunk)) {
        // They go out in order: the last of them stands for all.
        flushed[turn] = to.flush(slice);
        // Whoever waits for it gets its fault.
        flushed[turn]!.catch(() => undefined);
      }
    }
    await Promise.all(flushed);
    // After a fault the socket may still hold them.
    this.#free.push(...buffers);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** While a chunk is looked at, the next one is read. */
  async #each(piece: Piece, signal: AbortSignal | undefined, step: (chunk: Uint8Array) => void): Promise<void> {
    if (piece.length === 0) return;
    const buffers = [this.#buffer(), this.#buffer()];
    const read = async (turn: number, at: number): Promise<Uint8Array> => this.#read(buffers[turn]!, piece, at);
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

  async #refuseOtherSize(): Promise<void> {
    if ((await this.#file.stat()).size !== this.mark.sizeBytes)
      throw new DiracS3Error('size-mismatch', `${this.#name} changed its size while it was sent`);
  }

  /** The bytes of the piece from `at`, as many as the buffer can hold. */
  async #read(buffer: Uint8Array, { start, length }: Piece, at: number): Promise<Uint8Array> {
    const wanted = Math.min(buffer.length, length - at);
    try {
      for (let there = 0; there < wanted;) {
        const count = await this.#file.read({ buffer, offset: there, length: wanted - there, position: start + at + there });
        if (count === 0) throw new DiracS3Error('size-mismatch', `${this.#name} became shorter while it was sent`);
        there += count;
      }
      // Whoever waits for his files has to hear signals and answers between them.
      await setImmediate();
      return buffer.subarray(0, wanted);
    } catch (cause) {
      throw localFault(this.#name, 'read', cause);
    }
  }
}
