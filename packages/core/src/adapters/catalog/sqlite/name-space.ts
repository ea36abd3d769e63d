import { parentOf, type LfnDirectory } from '../../../domain/index.js';
import { factPathsFor, type PermissionFacts } from '../../../permission/index.js';
import type { Sql } from './connection.js';
import { readFacts } from './queries.js';

/** Owner of the directories that are made. */
export interface DirectoryOwner {
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
  /** Undefined where it is not known when they are made. */
  readonly now: Date | undefined;
}

/**
 * The names of a call as they are, plus those it is about to add: its items meet each other here, before anything is
 * written, so that each can be refused as a whole.
 */
export class NameSpace {
  readonly facts: PermissionFacts;
  readonly #newFiles = new Set<string>();
  readonly #newDirectories = new Set<LfnDirectory>();

  /** Knows the names, all their ancestors, and which of them are files or directories. */
  constructor(sql: Sql, names: Iterable<LfnDirectory>) {
    this.facts = readFacts(sql, factPathsFor(names).directories);
  }

  isFile(path: string): boolean {
    return this.facts.files.has(path) || this.#newFiles.has(path);
  }

  isDirectory(path: LfnDirectory): boolean {
    return path === '/' || this.facts.directories.has(path) || this.#newDirectories.has(path);
  }

  /** The file at or above a path that stands where a directory would have to be. */
  fileInTheWay(path: LfnDirectory): LfnDirectory | undefined {
    for (let at = path; !this.isDirectory(at); at = parentOf(at)) if (this.isFile(at)) return at;
    return undefined;
  }

  planFile(lfn: LfnDirectory): void {
    this.planDirectory(parentOf(lfn));
    this.#newFiles.add(lfn);
  }

  /** With every missing directory above it. */
  planDirectory(path: LfnDirectory): void {
    for (let at = path; !this.isDirectory(at); at = parentOf(at)) this.#newDirectories.add(at);
  }

  makeDirectories(sql: Sql, { owner, group, mode, now }: DirectoryOwner): void {
    sql.run(
      `INSERT INTO directories (path, parent, owner, owner_group, mode, created_at, modified_at)
       SELECT value ->> 0, value ->> 1, ?1, ?2, ?3, ?4, ?4 FROM json_each(?5)`,
      owner,
      group,
      mode,
      now?.getTime() ?? null,
      JSON.stringify([...this.#newDirectories].map((path) => [path, parentOf(path)])),
    );
  }
}
