import { BulkResultBuilder, DiracS3Error, errorKind, failureOf, type BulkResult } from '@dirac-s3/core';
import type { ErrorCode } from '@dirac-s3/core';

/** The `failed` list of every bulk answer. */
export interface FailedEntry {
  lfn: string;
  code: ErrorCode;
  errno: number;
  message: string;
}

/** A bulk result as the API writes it: two lists in the order asked, the name inside each entry. */
export function bulkAnswer<Value, Entry, Name extends string>(
  result: BulkResult<Value, Name>,
  encode: (value: Value, name: Name) => Entry,
): { successful: Entry[]; failed: FailedEntry[] } {
  return {
    successful: [...result.successful].map(([name, value]) => encode(value, name)),
    failed: [...result.failed].map(([lfn, { code, message }]) => ({ lfn, code, errno: errorKind(code).errno, message })),
  };
}

/**
 * Asks about texts that must first be proven to be names: a text that is none fails alone, the others are asked about in
 * one call, and the answers come together in the order of the texts. A repeated text collapses into its first place.
 */
export async function askByName<Value, Name extends string>(
  texts: readonly string[],
  parse: (text: string) => Name,
  ask: (names: readonly Name[]) => Promise<BulkResult<Value, Name>>,
): Promise<BulkResult<Value>> {
  const builder = new BulkResultBuilder<Value>(texts);
  const names: Name[] = [];
  for (const text of builder.pending()) {
    try {
      names.push(parse(text));
    } catch (fault) {
      builder.fail(text, failureOf(fault));
    }
  }
  if (names.length > 0) {
    const { successful, failed } = await ask(names);
    for (const [name, value] of successful) builder.succeed(name, value);
    for (const [name, fault] of failed) builder.fail(name, fault);
  }
  return builder.build({ code: 'catalog-unavailable', message: 'the catalog gave no answer for this name' });
}

/**
 * As {@link askByName} for entries that carry more than a name. A repeated name is refused as a whole: the answer has one
 * place for it, and which of the two entries it would speak of could not be told.
 */
export async function askByEntry<Entry extends { readonly lfn: string }, Value, Name extends string>(
  field: string,
  entries: readonly Entry[],
  steps: {
    readonly parse: (text: string) => Name;
    readonly ask: (entries: readonly (Omit<Entry, 'lfn'> & { readonly lfn: Name })[]) => Promise<BulkResult<Value, Name>>;
  },
): Promise<BulkResult<Value>> {
  const byName = new Map<string, Entry>();
  for (const [index, entry] of entries.entries()) {
    if (byName.has(entry.lfn)) throw new DiracS3Error('invalid-argument', `${field}[${index}].lfn: this LFN is named twice in the request`);
    byName.set(entry.lfn, entry);
  }
  return askByName([...byName.keys()], steps.parse, (names) => steps.ask(names.map((lfn) => ({ ...byName.get(lfn)!, lfn }))));
}
