import { BulkResultBuilder, type BulkResult, type Lfn, type LfnDirectory } from '../domain/index.js';
import { failure, type Failure } from '../errors/index.js';
import type { PermissionFacts } from '../permission/index.js';
import type { DirectoryListing, FileMetadata } from '../ports/index.js';
import { isVisible, missingOtherwise, permitted, type Viewer } from './viewer.js';

/**
 * Most files and directories one listing gives, hidden ones counted too. A directory has no bound of its own, and what is listed is in memory as
 * a whole, some 1 kB each: with a million of them one question of one user would end the gateway.
 */
export const mostListed = 100_000;

/** What stands directly in directories, hidden files too, each with the directory it stands in. */
export interface DirectoryContents {
  readonly files: readonly (readonly [directory: LfnDirectory, lfn: Lfn, metadata: FileMetadata])[];
  readonly directories: readonly (readonly [parent: LfnDirectory, path: LfnDirectory])[];
}

/** Directories that are listed, and why others are not although they are there. */
export interface ListingPlan {
  readonly listed: readonly LfnDirectory[];
  readonly refused: ReadonlyMap<LfnDirectory, Failure>;
}

/** Directories that are there and that the user may list: of no others need anything be fetched. */
export function listable(viewer: Viewer, directories: readonly LfnDirectory[], facts: PermissionFacts): LfnDirectory[] {
  const names = permitted(viewer, facts, { method: 'listDirectory', names: directories, answer: { fail: () => undefined } });
  return names.filter((path) => facts.directories.has(path));
}

/** Of directories with so many entries: in the order asked, as many as one listing gives. */
export function planListing(directories: readonly LfnDirectory[], entriesIn: (directory: LfnDirectory) => number): ListingPlan {
  const [listed, refused] = [[] as LfnDirectory[], new Map<LfnDirectory, Failure>()];
  let left = mostListed;
  for (const path of new Set(directories)) {
    const entries = entriesIn(path);
    if (entries <= left) {
      listed.push(path);
      left -= entries;
    } else refused.set(path, failure('too-many-items', `${path}: ${tooMany(entries)}`));
  }
  return { listed, refused };
}

function tooMany(entries: number): string {
  return entries > mostListed
    ? `${entries} files and directories are in it, and one listing gives ${mostListed} at most`
    : `with the directories asked for before it, it makes more than the ${mostListed} entries of one listing; ask for it by itself`;
}

export function answerListing(
  viewer: Viewer,
  directories: readonly LfnDirectory[],
  { facts, plan, contents }: { readonly facts: PermissionFacts; readonly plan: ListingPlan; readonly contents: DirectoryContents },
): BulkResult<DirectoryListing, LfnDirectory> {
  const answer = new BulkResultBuilder<DirectoryListing, LfnDirectory>(directories);
  permitted(viewer, facts, { method: 'listDirectory', names: directories, answer });
  for (const [path, fault] of plan.refused) answer.fail(path, fault);
  const listings = new Map(plan.listed.map((path) => [path, { files: new Map<Lfn, FileMetadata>(), directories: [] as LfnDirectory[] }]));
  for (const [directory, lfn, metadata] of contents.files) {
    if (isVisible(viewer, metadata)) listings.get(directory)?.files.set(lfn, metadata);
  }
  for (const [parent, path] of contents.directories) listings.get(parent)?.directories.push(path);
  for (const [path, listing] of listings) answer.succeed(path, listing);
  return missingOtherwise(answer);
}
