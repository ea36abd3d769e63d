import { constants, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Adler32, maxUploadBytes } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { LocalFile } from '../local-files/index.js';
import { localFault } from './local-fault.js';
import { replicaSource } from './replica-source.js';
import type { Upload } from './types.js';

const chunkBytes = 1024 * 1024;

/** So small a file is read once and kept until it is sent: what goes is what was summed, whatever is written into the file meanwhile. */
export const keptBytes = 256 * 1024;

/** A file to be sent, opened once: both passes read the same inode, whatever happens to its name. */
export interface SourceFile {
  readonly sizeBytes: number;
  readonly checksum: string;
  /**
   * The bytes in order. Where they are read a second time, the last chunk comes only after the sum of everything was compared with `checksum`: a
   * file that changed since the first pass is `checksum-mismatch` or `size-mismatch` before the request is complete.
   */
  chunks(): AsyncGenerator<Buffer, void>;
  close(): Promise<void>;
}

export interface OpenSourceOptions {
  /** Where streams are spooled. Default: the system's. */
  readonly temporaryDirectory?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Largest source. Default: what one request carries. */
  readonly mostBytes?: number | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** Opens and sums a source; a stream is spooled into a private temporary file first, since its checksum goes before its bytes. */
export async function openSource(source: Upload['source'], options: OpenSourceOptions = {}): Promise<SourceFile> {
  if ('path' in source) return openFile(source.path, source.path, options);
  if ('replica' in source) return replicaSource(source.replica, options);
  const name = 'the input stream';
  try {
    const directory = await mkdtemp(join(options.temporaryDirectory ?? tmpdir(), 'dirac-s3-spool-'));
    const clean = (): Promise<void> => rm(directory, { recursive: true, force: true });
    try {
      const path = join(directory, 'spool');
      await pipeline(source.stream, createWriteStream(path, { mode: 0o600, flags: 'wx' }), { signal: options.signal });
      const file = await openFile(path, name, options);
      return { ...file, close: () => file.close().finally(clean) };
    } catch (thrown) {
      await clean();
      throw thrown;
    }
  } catch (cause) {
    throw localFault(name, 'read', cause);
  }
}

async function openFile(path: string, name: string, options: OpenSourceOptions): Promise<SourceFile> {
  let handle: LocalFile | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO that nobody writes to would hang before it could be refused.
    handle = await LocalFile.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return await summed(name, handle, options);
  } catch (cause) {
    await handle?.close();
    throw localFault(name, 'read', cause);
  }
}

async function summed(
  name: string,
  handle: LocalFile,
  { signal, onProgress, mostBytes = maxUploadBytes }: OpenSourceOptions,
): Promise<SourceFile> {
  const facts = await handle.stat();
  if (!facts.isFile()) throw new DiracS3Error('local-file', `${name} is not a regular file`);
  if (facts.size > mostBytes)
    throw new DiracS3Error(
      'local-file',
      `${name} has ${facts.size} bytes; one request carries at most ${maxUploadBytes} (5 GiB), and uploads in parts are not permitted here`,
    );
  const sum = new Adler32();
  let sizeBytes = 0;
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, facts.size));
  while (sizeBytes < facts.size) {
    signal?.throwIfAborted();
    // A kept file fills the buffer from end to end, however many reads it takes.
    const at = facts.size <= keptBytes ? sizeBytes : 0;
    const length = Math.min(buffer.length - at, facts.size - sizeBytes);
    const bytesRead = await handle.read({ buffer, offset: at, length, position: sizeBytes });
    if (bytesRead === 0) throw new DiracS3Error('size-mismatch', `${name} became shorter while it was read`);
    sum.update(buffer.subarray(at, at + bytesRead));
    sizeBytes += bytesRead;
    onProgress?.(sizeBytes, facts.size);
  }
  const checksum = sum.digest();
  if (sizeBytes <= keptBytes) return keptSource(name, handle, { sizeBytes, checksum, bytes: buffer });
  return { sizeBytes, checksum, chunks: () => checkedChunks(name, handle, { sizeBytes, checksum }), close: () => handle.close() };
}

/** A function of its own: closures of one share what any of them holds, and the buffer of a larger file is to go. */
function keptSource(
  name: string,
  handle: LocalFile,
  { bytes, ...sums }: Pick<SourceFile, 'sizeBytes' | 'checksum'> & { readonly bytes: Buffer },
): SourceFile {
  return { ...sums, chunks: () => keptChunks(name, handle, bytes), close: () => handle.close() };
}

async function* keptChunks(name: string, handle: LocalFile, bytes: Buffer): AsyncGenerator<Buffer, void> {
  await refuseGrown(name, handle, bytes.length);
  if (bytes.length > 0) yield bytes;
}

async function refuseGrown(name: string, handle: LocalFile, sizeBytes: number): Promise<void> {
  if ((await handle.stat()).size !== sizeBytes) throw new DiracS3Error('size-mismatch', `${name} changed its size while it was sent`);
}

async function* checkedChunks(
  name: string,
  handle: LocalFile,
  { sizeBytes, checksum }: Pick<SourceFile, 'sizeBytes' | 'checksum'>,
): AsyncGenerator<Buffer, void> {
  const sum = new Adler32();
  const refuseChange = async (): Promise<void> => {
    if (sum.digest() !== checksum) throw new DiracS3Error('checksum-mismatch', `${name} changed while it was sent`);
    await refuseGrown(name, handle, sizeBytes);
  };
  for (let at = 0; at < sizeBytes;) {
    const chunk = await readChunk(name, handle, { at, length: Math.min(chunkBytes, sizeBytes - at) });
    sum.update(chunk);
    at += chunk.length;
    if (at === sizeBytes) await refuseChange();
    yield chunk;
  }
}

async function readChunk(name: string, handle: LocalFile, { at, length }: { at: number; length: number }): Promise<Buffer> {
  try {
    // A new buffer each time: the socket still holds the last one.
    const buffer = Buffer.allocUnsafe(length);
    const bytesRead = await handle.read({ buffer, offset: 0, length, position: at });
    if (bytesRead === 0) throw new DiracS3Error('size-mismatch', `${name} became shorter while it was sent`);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw localFault(name, 'read', cause);
  }
}
