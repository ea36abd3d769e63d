import { parentOf, type LfnDirectory } from '../domain/index.js';
import type { PermissionFacts } from './types.js';

/** The names a source of facts has to look up for a question, each once. */
export interface FactPaths {
  /** The paths and all their ancestors up to `/`: to be looked up as directories. */
  readonly directories: readonly LfnDirectory[];
  /** The paths: to be looked up as files. */
  readonly files: readonly LfnDirectory[];
}

/** Where facts come from: an SQLite file, DIRAC's database … Two statements answer for any number of paths. */
export interface PermissionFactsSource {
  /** Throws `catalog-unavailable` or `timeout` when it cannot answer for every path. */
  fetchFacts(paths: readonly LfnDirectory[]): Promise<PermissionFacts>;
}

export function factPathsFor(paths: Iterable<LfnDirectory>): FactPaths {
  const files = new Set(paths);
  const directories = new Set<LfnDirectory>();
  for (const path of files) {
    // Once a directory is in the set, so are all above it.
    for (let at = path; !directories.has(at); at = parentOf(at)) directories.add(at);
  }
  return { directories: [...directories], files: [...files] };
}
