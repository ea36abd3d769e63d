import type { LfnDirectory } from '../domain/index.js';
import type { CatalogRules, PresignPolicies } from '../config/types.js';
import type { Verdict } from '../ports/index.js';

/** POSIX right a catalog operation comes down to. `Execute` is only ever asked for by that literal word. */
export type Right = 'Read' | 'Write' | 'Execute';

/** Owner names and mode of an entry; `null` where the catalog has none, and then nothing matches or is granted. */
export interface Ownership {
  readonly owner: string | null;
  readonly group: string | null;
  /** POSIX permission bits, `0o775`. */
  readonly mode: number | null;
}

export interface FileFacts extends Ownership {
  readonly status: string;
}

/**
 * What a catalog knows about the paths of a question, whatever the file's status: `directories` holds every existing one
 * among the paths and all their ancestors, `files` every file among the paths (see {@link factPathsFor}). Absence means
 * that there is no such entry, so a source that could not look must throw instead.
 */
export interface PermissionFacts {
  readonly directories: ReadonlyMap<string, Ownership>;
  readonly files: ReadonlyMap<string, FileFacts>;
}

/** Everything a decision depends on besides the question and the facts. */
export interface PermissionRules
  extends Pick<CatalogRules, 'securityManager' | 'globalReadAccess' | 'visibleStates'>, Pick<PresignPolicies, 'openRoot'> {
  /** `VOMSRole` of a group; two groups with the same one share their rights under `VOMSSecurityManager`. */
  readonly vomsRoleOf: (group: string) => string | undefined;
}

/** Who wants to do what. The method is any word a client sent: unknown ones are part of the rules. */
export interface CallerQuestion {
  readonly username: string;
  readonly group: string;
  /** Of the verified group; `FileCatalogManagement` alone makes an administrator. */
  readonly properties: readonly string[];
  readonly method: string;
}

/** One path of a question, with everything needed to decide it. */
export interface PathQuestion {
  readonly rules: PermissionRules;
  readonly facts: PermissionFacts;
  readonly question: CallerQuestion;
  readonly path: LfnDirectory;
}

/** The question itself is wrong, whatever the path: DIRAC answers such a call with an error as a whole. */
export interface QuestionError {
  readonly error: string;
}

export type Decision = Verdict | QuestionError;
