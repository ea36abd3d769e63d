import { constants } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Adler32 } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { LocalFile } from '../local-files/index.js';
import { landFile } from './landing-file.js';
import { localFault } from './local-fault.js';
import type { Piece } from './part-plan.js';
import { isOwnFile } from './transfer-journal.js';

const chunkBytes = 1024 * 1024;

/** A download that grows at several places at once: a file of its final size under a temporary name beside the target. */
export class RangeFile {
  readonly #file: LocalFile;
  readonly #temporary: string;
  readonly #target: string;

  private constructor(file: LocalFile, temporary: string, target: string) {
    this.#file = file;
    this.#temporary = temporary;
    this.#target = target;
  }

  /** `keep`: with what an earlier process wrote, which must have the size; else whatever is there under the temporary name goes first. */
  static async open(temporary: string, target: string, { sizeBytes, keep }: { sizeBytes: number; keep: boolean }): Promise<RangeFile> {
    try {
      if (!keep) await rm(temporary, { force: true });
      const flags = keep ? constants.O_RDWR : constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
      const file = await LocalFile.open(temporary, flags | constants.O_NOFOLLOW, 0o666);
      const facts = await file.stat();
      if (!facts.isFile() || (keep && (!isOwnFile(facts) || facts.size !== sizeBytes))) {
        await file.close();
        throw new DiracS3Error('local-file', `${temporary} is not what an earlier download left`);
      }
      if (!keep) await file.truncate(sizeBytes);
      return new RangeFile(file, temporary, target);
    } catch (cause) {
      throw localFault(target, 'written', cause);
    }
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      await this.#file.write(bytes, position);
    } catch (cause) {
      throw localFault(this.#target, 'written', cause);
    }
  }

  /** Adler-32 of what is on disk of a range. */
  async adlerOf({ start, length }: Piece): Promise<string> {
    const sum = new Adler32();
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, length));
    for (let at = 0; at < length;) {
      const bytesRead = await this.#file.read({ buffer, offset: 0, length: Math.min(buffer.length, length - at), position: start + at });
      if (bytesRead === 0) return '';
      sum.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return sum.digest();
  }

  /** @see landFile */
  async land({ overwrite }: { readonly overwrite: boolean }): Promise<void> {
    await landFile(this.#file, { from: this.#temporary, to: this.#target, overwrite });
  }

  /** Leaves the bytes for a later process. */
  async close(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }
}
