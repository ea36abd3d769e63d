import { failureOf, type BulkResult, type Failure, type Lfn, type LfnDirectory } from '@dirac-s3/core';
import type { DirectoryListing, FileCatalog, FileMetadata } from '@dirac-s3/core/ports';
import { askIfAny } from './names.js';

/** What has a name in the catalog. */
export type CatalogEntry =
  { readonly kind: 'directory'; readonly listing: DirectoryListing } | { readonly kind: 'file'; readonly metadata: FileMetadata };

/** Directories in one question of a walk. */
const directoriesAtATime = 100;

/** Looks names up that may be files or directories. Two questions, the second only about names that are no directory. */
export async function lookUp(catalog: FileCatalog, paths: readonly LfnDirectory[]): Promise<BulkResult<CatalogEntry, LfnDirectory>> {
  const listings = await catalog.listDirectory(paths);
  const others = [...listings.failed].filter(([path, { code }]) => path !== '/' && code === 'no-such-file').map(([path]) => path as Lfn);
  const files: BulkResult<FileMetadata> = await askIfAny(others, (lfns) => catalog.getFileMetadata(lfns));
  const successful = new Map<LfnDirectory, CatalogEntry>();
  const failed = new Map<LfnDirectory, Failure>();
  for (const path of new Set(paths)) {
    const listing = listings.successful.get(path);
    const metadata = files.successful.get(path);
    if (listing !== undefined) successful.set(path, { kind: 'directory', listing });
    else if (metadata !== undefined) successful.set(path, { kind: 'file', metadata });
    else failed.set(path, files.failed.get(path) ?? listings.failed.get(path)!);
  }
  return { successful, failed };
}

/** A directory or a file that a walk came by. */
export interface Walked {
  /** The name the walk started from. */
  readonly root: LfnDirectory;
  readonly path: LfnDirectory;
  readonly entry: CatalogEntry;
}

interface WalkOptions {
  /** Ctrl-C ends the walk before its next question. */
  readonly signal: AbortSignal;
  /** A directory that cannot be read ends nothing but its own branch. */
  readonly onFault: (at: Pick<Walked, 'root' | 'path'>, fault: Failure) => void;
}

/** Everything below some names, level by level: a question for every hundred directories, not one for each. */
export async function* walk(
  catalog: FileCatalog,
  roots: readonly LfnDirectory[],
  { signal, onFault }: WalkOptions,
): AsyncGenerator<Walked> {
  let level = roots.map((path) => ({ root: path, path }));
  let ask: typeof lookUp = lookUp;
  while (level.length > 0) {
    const next: typeof level = [];
    for (let at = 0; at < level.length; at += directoriesAtATime) {
      signal.throwIfAborted();
      const asked = level.slice(at, at + directoriesAtATime);
      const { successful, failed } = await ask(
        catalog,
        asked.map(({ path }) => path),
      );
      for (const { root, path } of asked) {
        const entry = successful.get(path);
        if (entry === undefined) {
          onFault({ root, path }, failed.get(path) ?? { code: 'internal', message: `${path}: the catalog gave no answer` });
          continue;
        }
        yield { root, path, entry };
        if (entry.kind === 'directory') next.push(...[...entry.listing.directories].sort().map((below) => ({ root, path: below })));
      }
    }
    level = next;
    ask = listOnly;
  }
}

/** Below a directory all that is listed as one is one. */
async function listOnly(catalog: FileCatalog, paths: readonly LfnDirectory[]): Promise<BulkResult<CatalogEntry, LfnDirectory>> {
  try {
    const { successful, failed } = await catalog.listDirectory(paths);
    return { successful: new Map([...successful].map(([path, listing]) => [path, { kind: 'directory', listing }])), failed };
  } catch (thrown) {
    const fault = failureOf(thrown);
    return { successful: new Map(), failed: new Map(paths.map((path) => [path, fault])) };
  }
}

/** The files among some names and below them, sorted; and what could not be read. */
export async function filesBelow(
  catalog: FileCatalog,
  roots: readonly LfnDirectory[],
  signal: AbortSignal,
): Promise<{
  readonly files: ReadonlyMap<Lfn, FileMetadata>;
  readonly directories: readonly LfnDirectory[];
  readonly failed: ReadonlyMap<LfnDirectory, Failure>;
}> {
  const files = new Map<Lfn, FileMetadata>();
  const directories: LfnDirectory[] = [];
  const failed = new Map<LfnDirectory, Failure>();
  for await (const { path, entry } of walk(catalog, roots, { signal, onFault: (at, fault) => failed.set(at.path, fault) })) {
    if (entry.kind === 'file') files.set(path as Lfn, entry.metadata);
    else {
      directories.push(path);
      entry.listing.files.forEach((metadata, lfn) => files.set(lfn, metadata));
    }
  }
  return { files: new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1))), directories, failed };
}
