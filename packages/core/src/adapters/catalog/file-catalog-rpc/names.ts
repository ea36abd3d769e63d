import type { ReplicaOf } from '../../../ports/index.js';
import { baseNameOf, parentOf, type Lfn, type LfnDirectory } from '../../../domain/index.js';

/**
 * Why a name must not be asked for, or undefined. DIRAC's service pastes names into its SQL as they are, its columns hold 128 and 255
 * characters and cut what is longer, and its database takes `x ` for `x`: the answer would be for another name than the one signed.
 */
export function nameFault(path: LfnDirectory): string | undefined {
  const quote = /['"`\\]/.exec(path);
  if (quote) return `the File Catalog service cannot be asked about a name with ${quote[0]}`;
  if (/\s(?:\/|$)/u.test(path)) return 'the File Catalog takes a name that ends with a blank for the one without';
  if (path === '/') return undefined;
  if (Array.from(baseNameOf(path as Lfn)).length > 128) return 'the File Catalog holds names of at most 128 characters';
  if (Array.from(parentOf(path)).length > 255) return 'the File Catalog holds directories of at most 255 characters';
  return undefined;
}

/** Why the service must not be told the name of an owner or a group. */
export function ownerFault(name: string): string | undefined {
  const quote = /['"`\\]/.exec(name);
  return quote ? `the File Catalog service cannot be told a name with ${quote[0]}` : undefined;
}

/** Why the service must not be told of a replica of a name that it may be told: it pastes both into its SQL. */
export function replicaFault({ lfn, storageElement, pfn }: ReplicaOf): string | undefined {
  const sign = nameFault(lfn) === undefined ? /['"`\\\p{Cc}]/u.exec(storageElement + pfn) : null;
  return sign ? `the File Catalog service cannot be told a storageElement or pfn with ${JSON.stringify(sign[0])}` : undefined;
}
