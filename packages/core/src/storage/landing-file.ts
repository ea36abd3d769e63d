import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiracS3Error } from '../errors/index.js';
import { systemCodeOf } from '../http/index.js';
import { linkFile, linkStatOf, LocalFile, renameFile, unlinkFile } from '../local-files/index.js';
import { localFault } from './local-fault.js';

/** Refuses a target that is there: always when it is no regular file, else without `overwrite`. */
export async function refuseTaken(target: string, { overwrite }: { readonly overwrite: boolean }): Promise<void> {
  const there = await linkStatOf(target).catch((cause: unknown) => {
    throw localFault(target, 'written', cause);
  });
  if (there === undefined) return;
  if (!there.isFile()) throw new DiracS3Error('local-file', `${target} is there and is not a regular file`);
  if (!overwrite) throw new DiracS3Error('local-file', `${target} exists already`);
}

/**
 * A download in progress: its bytes go to a temporary name beside the target, and the target appears in one step, when
 * {@link LandingFile.land} is called. Until then there is nothing under its name; {@link LandingFile.abandon} leaves nothing at all.
 */
export class LandingFile {
  readonly #file: LocalFile;
  /** Where the bytes are until then. */
  readonly temporary: string;
  readonly #target: string;
  /** Where the next chunk goes. */
  #end = 0;

  private constructor(file: LocalFile, temporary: string, target: string) {
    this.#file = file;
    this.temporary = temporary;
    this.#target = target;
  }

  static async open(target: string, unique: string): Promise<LandingFile> {
    const temporary = join(dirname(target), `.dirac-s3-${unique}.part`);
    try {
      // O_EXCL: a name prepared by somebody else, a symbolic link included, is not followed but refused.
      const file = await LocalFile.open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o666);
      return new LandingFile(file, temporary, target);
    } catch (cause) {
      throw localFault(target, 'written', cause);
    }
  }

  /** Behind what was written, or is still being written. */
  async write(chunk: Uint8Array): Promise<void> {
    const start = this.#end;
    this.#end += chunk.length;
    try {
      await this.#file.write(chunk, start);
    } catch (cause) {
      throw localFault(this.#target, 'written', cause);
    }
  }

  /** @see landFile */
  async land({ overwrite }: { readonly overwrite: boolean }): Promise<void> {
    await landFile(this.#file, { from: this.temporary, to: this.#target, overwrite });
  }

  /** Removes what is there of it. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }
}

/**
 * Closes a file and gives it its name; without `overwrite`, a file that appeared meanwhile stays. Its bytes are as durable as those of any program
 * that copies files: waiting for the disk took longer than the transfer, and a download that a power cut took away can be repeated.
 */
export async function landFile(
  file: LocalFile,
  { from, to, overwrite }: { readonly from: string; readonly to: string; readonly overwrite: boolean },
): Promise<void> {
  try {
    await file.close();
    await (overwrite ? renameFile(from, to) : renameToFree(from, to));
  } catch (cause) {
    throw localFault(to, 'written', cause);
  }
}

/** As `rename`, but fails with EEXIST where that would replace. */
export async function renameToFree(from: string, to: string, { link = linkFile }: { readonly link?: typeof linkFile } = {}): Promise<void> {
  try {
    await link(from, to);
  } catch (cause) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCodeOf(cause))) throw cause;
    return renameToReserved(from, to);
  }
  await unlinkFile(from);
}

/** For file systems without hard links: the name is taken with an empty file of our own, which then may be replaced. */
async function renameToReserved(from: string, to: string): Promise<void> {
  await (await open(to, 'wx')).close();
  await rename(from, to);
}
