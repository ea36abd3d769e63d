import { readFileSync } from 'node:fs';
import { parseLfnDirectory, type LfnDirectory } from '../../src/domain/index.js';
import type { SecurityManagerName } from '../../src/config/types.js';
import { decide, type CallerQuestion, type Decision, type PermissionFacts, type PermissionRules } from '../../src/permission/index.js';

interface Entry {
  readonly owner: string;
  readonly group: string;
  /** Octal. */
  readonly mode: string;
}

/** One recorded call series: either a letter per path (Y allowed, N denied) or an error of the whole call. */
export interface VectorCase {
  readonly manager: SecurityManagerName;
  readonly globalReadAccess: boolean;
  readonly user: string;
  readonly group: string;
  readonly op: string;
  readonly decisions?: string;
  readonly error?: string;
}

export interface Vectors {
  readonly directories: Readonly<Record<string, Entry>>;
  readonly files: Readonly<Record<string, Entry & { readonly status: string }>>;
  readonly visibleFileStatus: readonly string[];
  readonly vomsRoleOfGroup: Readonly<Record<string, string | null>>;
  readonly actorProperties: Readonly<Record<string, readonly string[]>>;
  readonly paths: readonly string[];
  readonly cases: readonly VectorCase[];
  readonly diracUnitTestVOMS: {
    readonly rows: readonly (readonly [user: string, group: string, op: string, path: string, allowed: boolean])[];
  };
}

export const vectors = JSON.parse(readFileSync(new URL('vectors/file-catalog-permissions.json', import.meta.url), 'utf8')) as Vectors;

export const vectorPaths: readonly LfnDirectory[] = vectors.paths.map(parseLfnDirectory);

const ownership = ({ owner, group, mode }: Entry) => ({ owner, group, mode: Number.parseInt(mode, 8) });

export const vectorFacts: PermissionFacts = {
  directories: new Map(Object.entries(vectors.directories).map(([path, entry]) => [path, ownership(entry)])),
  files: new Map(Object.entries(vectors.files).map(([path, entry]) => [path, { ...ownership(entry), status: entry.status }])),
};

/** Rules as the vectors were recorded: without any deviation from DIRAC, unless a test names one. */
export function vectorRules(securityManager: SecurityManagerName, more: Partial<PermissionRules> = {}): PermissionRules {
  return {
    securityManager,
    globalReadAccess: false,
    visibleStates: vectors.visibleFileStatus,
    openRoot: 'as-dirac',
    vomsRoleOf: (group) => vectors.vomsRoleOfGroup[group] ?? undefined,
    ...more,
  };
}

export function vectorCaller(username: string, group: string, method: string): CallerQuestion {
  return { username, group, method, properties: vectors.actorProperties[username] ?? vectors.actorProperties['*'] ?? [] };
}

/** `Y`, `N`, or the text of an error: the vectors' own notation. */
export function letter(decision: Decision): string {
  return 'error' in decision ? decision.error : decision.allowed ? 'Y' : 'N';
}

export function letters(rules: PermissionRules, caller: CallerQuestion, paths = vectorPaths): string[] {
  return paths.map((path) => letter(decide(rules, vectorFacts, caller, path)));
}
