import { constants } from 'node:fs';
import { lstat, mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Adler32, objectKeyOf, type FileStorageElement, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { isAbort, systemCodeOf } from '../http/index.js';
import type { ByteRange } from './types.js';

const chunkBytes = 1024 * 1024;

/** A file of the directory, opened once: everything said of it is about the same inode. */
export interface StoredFile {
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  chunks(range?: ByteRange): AsyncGenerator<Buffer, void>;
  /** Adler-32 of all bytes, each of which may be looked at on the way. */
  sum(take?: (chunk: Buffer) => Promise<void>): Promise<string>;
  close(): Promise<void>;
}

/**
 * Where files lie below the directory. An LFN has no `..`, and a symbolic link is followed nowhere below it, so that no name leads out. The
 * directory itself is never made: when it is missing, the file system is not mounted.
 */
export class Place {
  readonly name: string;
  readonly #directory: string;

  constructor({ name, directory }: Pick<FileStorageElement, 'name' | 'directory'>) {
    this.name = name;
    this.#directory = directory;
  }

  pathOf(lfn: Lfn): string {
    return join(this.#directory, objectKeyOf(lfn));
  }

  /** The file, or undefined when it is not there. Anything else under the name is a fault. */
  async look(lfn: Lfn): Promise<true | undefined> {
    if (!(await this.#walk(lfn))) return undefined;
    const facts = await kindOf(lfn, this.pathOf(lfn));
    if (facts === undefined) return undefined;
    if (facts !== 'file') throw new DiracS3Error('storage-refused', `${lfn}: what ${this.name} has under this name is no regular file`);
    return true;
  }

  async open(lfn: Lfn): Promise<StoredFile> {
    if ((await this.look(lfn)) === undefined) throw new DiracS3Error('no-such-file', `${lfn}: no such file at ${this.name}`);
    return openStored(lfn, this.pathOf(lfn));
  }

  async reading<Value>(lfn: Lfn, step: (file: StoredFile) => Promise<Value>): Promise<Value> {
    const file = await this.open(lfn);
    try {
      return await step(file);
    } finally {
      await file.close();
    }
  }

  /** Makes the directories the file will lie in; gives its path. */
  async prepare(lfn: Lfn): Promise<string> {
    await this.#walk(lfn, { make: true });
    return this.pathOf(lfn);
  }

  /** @throws size-mismatch, checksum-mismatch: what is on the disk is not what was sent */
  async compare(lfn: Lfn, path: string, { sizeBytes, checksum }: { readonly sizeBytes: number; readonly checksum: string }): Promise<void> {
    const file = await openStored(lfn, path);
    try {
      if (file.sizeBytes !== sizeBytes)
        throw new DiracS3Error('size-mismatch', `${lfn}: ${sizeBytes} bytes were sent, ${this.name} has ${file.sizeBytes}`);
      const found = await file.sum();
      if (found !== checksum)
        throw new DiracS3Error('checksum-mismatch', `${lfn}: ${this.name} has the checksum ${found} instead of ${checksum}`);
    } finally {
      await file.close();
    }
  }

  async remove(lfn: Lfn): Promise<true> {
    if ((await this.look(lfn)) === undefined) return true;
    await rm(this.pathOf(lfn), { force: true }).catch((cause: unknown) => {
      throw storeFault(lfn, cause);
    });
    return true;
  }

  /** Looks at each directory on the way to a file; false when one is missing. */
  async #walk(lfn: Lfn, { make = false } = {}): Promise<boolean> {
    if ((await kindOf(lfn, this.#directory, { follow: true })) !== 'directory')
      throw new DiracS3Error('storage-unavailable', `the directory of ${this.name} is not there; is it mounted?`);
    let path = this.#directory;
    for (const part of dirname(objectKeyOf(lfn)).split('/')) {
      if (part === '.') continue;
      path = join(path, part);
      const kind = (await kindOf(lfn, path)) ?? (make ? await makeDirectory(lfn, path) : undefined);
      if (kind === undefined) return false;
      if (kind !== 'directory')
        throw new DiracS3Error('storage-refused', `${lfn}: a part of this name is no directory at ${this.name}, or a symbolic link`);
    }
    return true;
  }
}

type Kind = 'file' | 'directory' | 'other';

async function kindOf(lfn: Lfn, path: string, { follow = false } = {}): Promise<Kind | undefined> {
  try {
    const facts = await (follow ? stat(path) : lstat(path));
    return facts.isFile() ? 'file' : facts.isDirectory() ? 'directory' : 'other';
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(cause))) return undefined;
    throw storeFault(lfn, cause);
  }
}

async function makeDirectory(lfn: Lfn, path: string): Promise<Kind | undefined> {
  try {
    await mkdir(path);
  } catch (cause) {
    // Somebody else may have made it at the same moment.
    if (systemCodeOf(cause) !== 'EEXIST') throw storeFault(lfn, cause);
  }
  return kindOf(lfn, path);
}

async function openStored(lfn: Lfn, path: string): Promise<StoredFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (!facts.isFile()) throw new DiracS3Error('storage-refused', `${lfn}: what is stored under this name is no regular file`);
    return storedFile(lfn, handle, { sizeBytes: facts.size, modifiedAt: facts.mtime });
  } catch (cause) {
    await handle?.close();
    throw storeFault(lfn, cause);
  }
}

function storedFile(lfn: Lfn, handle: FileHandle, facts: Pick<StoredFile, 'sizeBytes' | 'modifiedAt'>): StoredFile {
  let closing: Promise<void> | undefined;
  async function* chunks({ start, length }: ByteRange = { start: 0, length: facts.sizeBytes }): AsyncGenerator<Buffer, void> {
    const end = start + length;
    for (let at = start; at < end;) {
      // A new buffer each time: whoever took the last one may not be done with it.
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at).catch((cause: unknown) => {
        throw storeFault(lfn, cause);
      });
      if (bytesRead === 0) throw new DiracS3Error('size-mismatch', `${lfn} became shorter while it was read`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
  return {
    ...facts,
    chunks,
    async sum(take) {
      const sum = new Adler32();
      for await (const chunk of chunks()) {
        sum.update(chunk);
        await take?.(chunk);
      }
      return sum.digest();
    },
    close: () => (closing ??= handle.close()),
  };
}

/** What a fault of the file system means at a StorageElement. Paths stay out of it: the name says which file. */
export function storeFault(lfn: Lfn, cause: unknown): Error {
  if (isAbort(cause)) return cause;
  if (cause instanceof DiracS3Error && cause.code !== 'local-file') return cause;
  const code = systemCodeOf(cause instanceof DiracS3Error ? cause.cause : cause);
  if (code === 'EEXIST') return new DiracS3Error('file-exists', `${lfn}: a file of that name is stored already`, { cause });
  if (code === 'ENOENT') return new DiracS3Error('no-such-file', `${lfn}: no such file`, { cause });
  const refused = ['EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENAMETOOLONG'].includes(code);
  return new DiracS3Error(refused ? 'storage-refused' : 'storage-unavailable', `${lfn}: the file system answered ${code}`, { cause });
}
