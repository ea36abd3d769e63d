import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Adler32, bulkMap } from '../domain/index.js';
import { DiracS3Error, type Failure } from '../errors/index.js';
import type { Tree } from './types.js';

const chunkBytes = 1024 * 1024;

export interface SumOptions {
  readonly parallel?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The tree with the Adler-32 of these of its local files; one that cannot be read becomes a fault of the tree. */
export async function withChecksums(
  tree: Tree,
  root: string,
  { paths, ...options }: SumOptions & { readonly paths: readonly string[] },
): Promise<Tree> {
  const { successful, failed } = await bulkMap(paths, (path) => adler32OfFile(join(root, path), options), {
    parallel: options.parallel ?? 4,
  });
  options.signal?.throwIfAborted();
  const files = new Map(tree.files);
  for (const [path, checksum] of successful) files.set(path, { ...files.get(path)!, checksum });
  for (const path of failed.keys()) files.delete(path);
  return { files, directories: tree.directories, faults: new Map<string, Failure>([...tree.faults, ...failed]) };
}

async function adler32OfFile(path: string, { signal }: SumOptions): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const sum = new Adler32();
      const buffer = Buffer.allocUnsafe(chunkBytes);
      for (;;) {
        signal?.throwIfAborted();
        const { bytesRead } = await file.read(buffer, 0, chunkBytes);
        if (bytesRead === 0) return sum.digest();
        sum.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new DiracS3Error('local-file', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown fault'})`, { cause });
  }
}
