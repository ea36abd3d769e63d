import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { QuickSteps } from './quick-steps.js';

const quick = new QuickSteps();

/**
 * Says that this process may stand still for moments while it reads and writes files, as a program of one user may and a service may not.
 * Whoever says nothing has all of it done by threads.
 *
 * @param now milliseconds of a clock that never goes back: where steps take long, threads do the rest
 */
export function allowWaitingForFiles(now: () => number): void {
  quick.allow(now);
}

const byThread = {
  open: promisify(fs.open),
  close: promisify(fs.close),
  fstat: promisify(fs.fstat) as (descriptor: number) => Promise<fs.Stats>,
  read: promisify(fs.read),
  write: promisify(fs.write),
  truncate: promisify(fs.ftruncate),
};

/** Where bytes of a file go. */
export interface FileBytes {
  readonly buffer: Uint8Array;
  /** In the buffer. */
  readonly offset: number;
  readonly length: number;
  /** In the file. */
  readonly position: number;
}

/** An open file whose steps are as quick as they can be. */
export class LocalFile {
  #descriptor: number | undefined;
  /** What threads do with the descriptor: the system may give its number to another file as soon as it is closed. */
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  static async open(path: string, flags: number, mode?: number): Promise<LocalFile> {
    return new LocalFile(
      await quick.do(
        () => fs.openSync(path, flags, mode),
        () => byThread.open(path, flags, mode),
      ),
    );
  }

  async stat(): Promise<fs.Stats> {
    return this.#do((descriptor) => fs.fstatSync(descriptor), byThread.fstat);
  }

  /** How many bytes were read; 0 at the end. */
  async read({ buffer, offset, length, position }: FileBytes): Promise<number> {
    return this.#do(
      (descriptor) => fs.readSync(descriptor, buffer, offset, length, position),
      async (descriptor) => (await byThread.read(descriptor, buffer, offset, length, position)).bytesRead,
    );
  }

  /** Writes all of them at that place of the file. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const [from, length, place] = [at, bytes.length - at, position + at];
      at += await this.#do(
        (descriptor) => fs.writeSync(descriptor, bytes, from, length, place),
        async (descriptor) => (await byThread.write(descriptor, bytes, from, length, place)).bytesWritten,
      );
    }
  }

  async truncate(sizeBytes: number): Promise<void> {
    return this.#do(
      (descriptor) => fs.ftruncateSync(descriptor, sizeBytes),
      (descriptor) => byThread.truncate(descriptor, sizeBytes),
    );
  }

  /** After what is under way; a second time it does nothing. */
  async close(): Promise<void> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    if (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await quick.do(
      () => fs.closeSync(descriptor),
      () => byThread.close(descriptor),
    );
  }

  #do<Value>(waiting: (descriptor: number) => Value, thread: (descriptor: number) => Promise<Value>): Value | Promise<Value> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) throw Object.assign(new Error('the file is closed'), { code: 'EBADF' });
    return quick.do(
      () => waiting(descriptor),
      () => {
        const step = thread(descriptor);
        this.#underWay.add(step);
        const over = (): void => void this.#underWay.delete(step);
        step.then(over, over);
        return step;
      },
    );
  }
}

export async function statOf(path: string): Promise<fs.Stats> {
  return quick.do(
    () => fs.statSync(path),
    () => fs.promises.stat(path),
  );
}

/** Of the link itself, where the path is one. Undefined where nothing is. */
export async function linkStatOf(path: string): Promise<fs.Stats | undefined> {
  return quick.do(
    () => fs.lstatSync(path, { throwIfNoEntry: false }),
    () =>
      fs.promises.lstat(path).catch((cause: unknown) => {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw cause;
      }),
  );
}

export async function linkFile(from: string, to: string): Promise<void> {
  return quick.do(
    () => fs.linkSync(from, to),
    () => fs.promises.link(from, to),
  );
}

export async function renameFile(from: string, to: string): Promise<void> {
  return quick.do(
    () => fs.renameSync(from, to),
    () => fs.promises.rename(from, to),
  );
}

export async function unlinkFile(path: string): Promise<void> {
  return quick.do(
    () => fs.unlinkSync(path),
    () => fs.promises.unlink(path),
  );
}
