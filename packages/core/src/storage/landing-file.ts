import { constants } from 'node:fs';
import { link, lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DiracS3Error } from '../errors/index.js';

/**
 * A download in progress: its bytes go to a temporary name beside the target, and the target appears in one step, when
 * {@link LandingFile.land} is called. Until then there is nothing under its name; {@link LandingFile.abandon} leaves nothing at all.
 */
export class LandingFile {
  readonly #handle: FileHandle;
  readonly #temporary: string;
  readonly #target: string;
  #over = false;

  private constructor(handle: FileHandle, temporary: string, target: string) {
    this.#handle = handle;
    this.#temporary = temporary;
    this.#target = target;
  }

  static async open(target: string, { overwrite, unique }: { overwrite: boolean; unique: string }): Promise<LandingFile> {
    await refuseUnusable(target, overwrite);
    const temporary = join(dirname(target), `.${basename(target).slice(0, 200)}.${unique}.part`);
    try {
      // O_EXCL: a name prepared by somebody else, a symbolic link included, is not followed but refused.
      const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o666);
      return new LandingFile(handle, temporary, target);
    } catch (cause) {
      throw localFault(target, cause);
    }
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < chunk.length;) at += (await this.#handle.write(chunk, at)).bytesWritten;
    } catch (cause) {
      throw localFault(this.#target, cause);
    }
  }

  /** Makes the bytes durable and gives them their name; without `overwrite`, a file that appeared meanwhile wins. */
  async land({ overwrite }: { overwrite: boolean }): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      this.#over = true;
      if (overwrite) await rename(this.#temporary, this.#target);
      else {
        // link() fails where rename() would replace.
        await link(this.#temporary, this.#target);
        await rm(this.#temporary);
      }
    } catch (cause) {
      throw localFault(this.#target, cause);
    }
  }

  /** Removes what is there of it. Harmless after {@link LandingFile.land} succeeded. */
  async abandon(): Promise<void> {
    if (!this.#over) await this.#handle.close().catch(() => undefined);
    this.#over = true;
    await rm(this.#temporary, { force: true });
  }
}

async function refuseUnusable(target: string, overwrite: boolean): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isFile()) throw new DiracS3Error('local-file', `${target} is there and not a regular file`);
  if (!overwrite) throw new DiracS3Error('local-file', `${target} exists already`);
}

function localFault(target: string, cause: unknown): DiracS3Error {
  if (cause instanceof DiracS3Error) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown fault';
  return new DiracS3Error('local-file', code === 'EEXIST' ? `${target} exists already` : `${target} cannot be written (${code})`, {
    cause,
  });
}
