import { constants, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Adler32 } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { Upload } from './types.js';

const chunkBytes = 1024 * 1024;

/** A file to be sent, opened once: both passes read the same inode, whatever happens to its name. */
export interface SourceFile {
  readonly sizeBytes: number;
  readonly checksum: string;
  /**
   * The bytes in order. The last chunk comes only after the sum of everything was compared with `checksum`: a file that
   * changed since the first pass is `checksum-mismatch` or `size-mismatch` before the request is complete.
   */
  chunks(): AsyncGenerator<Buffer, void>;
  close(): Promise<void>;
}

export interface OpenSourceOptions {
  readonly temporaryDirectory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** Opens and sums a source; a stream is spooled into a private temporary file first, since its checksum goes before its bytes. */
export async function openSource(source: Upload['source'], options: OpenSourceOptions = {}): Promise<SourceFile> {
  if ('path' in source) return summed(source.path, await openRegularFile(source.path), options);
  const directory = await mkdtemp(join(options.temporaryDirectory ?? tmpdir(), 'dirac-s3-spool-'));
  const clean = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const path = join(directory, 'spool');
    await pipeline(source.stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }), { signal: options.signal });
    const file = await summed('standard input', await openRegularFile(path), options);
    return { ...file, close: () => file.close().finally(clean) };
  } catch (thrown) {
    await clean();
    throw thrown;
  }
}

async function openRegularFile(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang before it could be refused.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new DiracS3Error('local-file', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown fault'})`, { cause });
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new DiracS3Error('local-file', `${path} is not a regular file`);
}

async function summed(name: string, handle: FileHandle, { signal, onProgress }: OpenSourceOptions): Promise<SourceFile> {
  try {
    const { size } = await handle.stat();
    const sum = new Adler32();
    let sizeBytes = 0;
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, sizeBytes);
      if (bytesRead === 0) break;
      sum.update(buffer.subarray(0, bytesRead));
      sizeBytes += bytesRead;
      onProgress?.(sizeBytes, size);
    }
    const checksum = sum.digest();
    return { sizeBytes, checksum, chunks: () => checkedChunks(name, handle, { sizeBytes, checksum }), close: () => handle.close() };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

async function* checkedChunks(
  name: string,
  handle: FileHandle,
  { sizeBytes, checksum }: Pick<SourceFile, 'sizeBytes' | 'checksum'>,
): AsyncGenerator<Buffer, void> {
  const sum = new Adler32();
  let at = 0;
  while (at < sizeBytes) {
    // A new buffer each time: the socket still holds the last one.
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, sizeBytes - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new DiracS3Error('size-mismatch', `${name} became shorter while it was sent`);
    const chunk = buffer.subarray(0, bytesRead);
    sum.update(chunk);
    at += bytesRead;
    if (at === sizeBytes) await refuseChange(name, handle, { sizeBytes, changed: sum.digest() !== checksum });
    yield chunk;
  }
}

async function refuseChange(
  name: string,
  handle: FileHandle,
  { sizeBytes, changed }: { sizeBytes: number; changed: boolean },
): Promise<void> {
  if (changed) throw new DiracS3Error('checksum-mismatch', `${name} changed while it was sent`);
  const { size } = await handle.stat();
  if (size !== sizeBytes) throw new DiracS3Error('size-mismatch', `${name} changed its size while it was sent`);
}
