import type { z } from 'zod';
import { BulkResultBuilder, type BulkResult, type Lfn } from '../../domain/index.js';
import { failure, type Failure } from '../../errors/index.js';

type Change<Entry> = (entries: readonly Entry[]) => Promise<BulkResult<true, Lfn>>;

/**
 * Changes by entries that carry more than a name. The gateway refuses a whole request for one malformed entry, or for a name that comes twice;
 * here the malformed one fails alone, and a name that comes again goes with a further request. A name is done when all its entries are.
 */
export async function changeEntries<Entry extends { readonly lfn: Lfn }>(
  entries: readonly Entry[],
  schema: z.ZodType,
  change: Change<Entry>,
): Promise<BulkResult<true, Lfn>> {
  const faults = new Map<Lfn, Failure>();
  for (const entry of entries) {
    const [issue] = schema.safeParse(entry).error?.issues ?? [];
    if (issue !== undefined) faults.set(entry.lfn, failure('invalid-argument', `${entry.lfn}: ${issue.path.join('.')}: ${issue.message}`));
  }
  for (const round of roundsOf(entries.filter(({ lfn }) => !faults.has(lfn)))) {
    const { failed } = await change(round);
    failed.forEach((fault, lfn) => faults.set(lfn, fault));
  }
  const answer = new BulkResultBuilder<true, Lfn>(entries.map(({ lfn }) => lfn));
  for (const lfn of answer.pending()) {
    const fault = faults.get(lfn);
    if (fault === undefined) answer.succeed(lfn, true);
    else answer.fail(lfn, fault);
  }
  return answer.build();
}

/** Each name at most once in a round. */
function roundsOf<Entry extends { readonly lfn: Lfn }>(entries: readonly Entry[]): Entry[][] {
  const rounds: Entry[][] = [];
  const seen = new Map<Lfn, number>();
  for (const entry of entries) {
    const round = seen.get(entry.lfn) ?? 0;
    seen.set(entry.lfn, round + 1);
    (rounds[round] ??= []).push(entry);
  }
  return rounds;
}
