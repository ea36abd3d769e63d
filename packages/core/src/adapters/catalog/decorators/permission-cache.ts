import type { CatalogMethod, Identity, Lfn } from '../../../domain/index.js';
import type { Clock, PermissionChecker, Verdict } from '../../../ports/index.js';

export interface PermissionCacheOptions {
  /** How long a permission is remembered, and so how long a revoked one lives on. 0: not at all. */
  readonly allowedSeconds: number;
  /** How long a refusal is remembered. 0: not at all. */
  readonly refusedSeconds: number;
  /** Most answers remembered at a time; the one not used for longest goes first. */
  readonly cacheSize: number;
  readonly clock: Clock;
  /** Methods that are always asked. Default: those that remove. */
  readonly never?: ReadonlySet<CatalogMethod>;
}

const removals: ReadonlySet<CatalogMethod> = new Set<CatalogMethod>(['removeFile', 'removeReplica', 'removeDirectory']);

/** Remembers answers by everything they depend on: who asks, with which group and properties, what, and of which name. */
export function cachePermissions(checker: PermissionChecker, options: PermissionCacheOptions): PermissionChecker {
  const { allowedSeconds, refusedSeconds, cacheSize, clock, never = removals } = options;
  const known = new Map<string, { readonly verdict: Verdict; readonly until: number }>();

  const recall = (key: string, now: number): Verdict | undefined => {
    const entry = known.get(key);
    if (entry === undefined) return undefined;
    known.delete(key);
    if (entry.until <= now) return undefined;
    known.set(key, entry);
    return entry.verdict;
  };
  const remember = (key: string, verdict: Verdict, now: number): void => {
    const seconds = verdict.allowed ? allowedSeconds : refusedSeconds;
    if (seconds <= 0) return;
    known.set(key, { verdict, until: now + seconds * 1000 });
    if (known.size > cacheSize) known.delete(known.keys().next().value ?? '');
  };

  return {
    async checkPermission(question) {
      const { identity, method, lfns } = question;
      if (never.has(method)) return checker.checkPermission(question);
      const prefix = prefixOf(identity, method);
      const now = clock.now().getTime();
      const answers = new Map<Lfn, Verdict>();
      const open: Lfn[] = [];
      for (const lfn of new Set(lfns)) {
        const verdict = recall(prefix + lfn, now);
        if (verdict === undefined) open.push(lfn);
        else answers.set(lfn, verdict);
      }
      if (open.length === 0) return answers;
      for (const [lfn, verdict] of await checker.checkPermission({ ...question, lfns: open })) {
        answers.set(lfn, verdict);
        // Counted from before the question: an answer is no younger than what it was made of.
        remember(prefix + lfn, verdict, now);
      }
      return answers;
    },
  };
}

/** No two questions have the same: JSON ends where the name begins. */
export function prefixOf({ dn, username, group, vo, properties, source }: Identity, method: CatalogMethod): string {
  return JSON.stringify([method, username, group, vo, dn ?? null, source, [...properties].sort()]);
}
