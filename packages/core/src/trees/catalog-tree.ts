import { parentOf, type BulkResult, type LfnDirectory } from '../domain/index.js';
import { failure, toError, type Failure } from '../errors/index.js';
import type { DirectoryListing, FileCatalog } from '../ports/index.js';
import type { Tree, TreeFile } from './types.js';

/** Directories in one question: an answer holds all their files. */
const directoriesAtOnce = 100;

export interface ReadTreeOptions {
  /** Directories to look into; left out, all. */
  readonly enters?: (path: string) => boolean;
  /** A root that is not there is an empty tree. */
  readonly mayBeMissing?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything below a directory of the File Catalog, level by level with many directories in each question. A directory that cannot be listed is
 * a fault of the tree; the root's fault is thrown.
 */
export async function readCatalogTree(
  catalog: Pick<FileCatalog, 'listDirectory'>,
  root: LfnDirectory,
  { enters = () => true, mayBeMissing = false, signal }: ReadTreeOptions = {},
): Promise<Tree> {
  const files = new Map<string, TreeFile>();
  const directories = new Set<string>();
  const faults = new Map<string, Failure>();
  const relative = (path: string): string => path.slice(root === '/' ? 1 : root.length + 1);
  for (let level: LfnDirectory[] = [root]; level.length > 0;) {
    const next: LfnDirectory[] = [];
    for (let at = 0; at < level.length; at += directoriesAtOnce) {
      signal?.throwIfAborted();
      const asked = level.slice(at, at + directoriesAtOnce);
      const listings = await catalog.listDirectory(asked);
      for (const directory of asked) {
        const listing = listingOf(listings, directory);
        if ('code' in listing) {
          if (directory !== root) faults.set(relative(directory), listing);
          else if (listing.code !== 'no-such-file' || !mayBeMissing) throw toError(listing);
          continue;
        }
        for (const [lfn, { sizeBytes, checksum, checksumType }] of listing.files)
          files.set(relative(lfn), { sizeBytes, ...(checksumType === 'Adler32' && checksum !== '' ? { checksum } : {}) });
        for (const below of listing.directories) {
          directories.add(relative(below));
          if (enters(relative(below))) next.push(below);
        }
      }
    }
    level = next;
  }
  return { files, directories, faults };
}

/** An entry that is not in the directory that was asked for would be given a place nobody checked. */
function listingOf(answer: BulkResult<DirectoryListing, LfnDirectory>, directory: LfnDirectory): DirectoryListing | Failure {
  const listing = answer.successful.get(directory);
  if (listing === undefined) return answer.failed.get(directory) ?? failure('catalog-unavailable', `${directory}: no answer`);
  const stray = [...listing.files.keys(), ...listing.directories].find((path) => parentOf(path) !== directory);
  return stray === undefined ? listing : failure('catalog-unavailable', `${directory}: the catalog lists ${stray} in it`);
}
