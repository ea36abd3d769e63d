import { readCertificate, type Certificate } from './certificate.js';
import { Malformed } from './der.js';
import { readRevocationList, type RevocationList } from './revocation-list.js';
import { isSignedBy } from './signed.js';
import type { TrustMaterial, TrustStore, UnusableEntry } from './types.js';

/** What is inside a trust store, by the key of the subject's or issuer's name. */
export interface TrustContents {
  readonly authorities: ReadonlyMap<string, readonly Certificate[]>;
  /** The self-signed ones: where a path may end. */
  readonly anchors: ReadonlySet<Certificate>;
  readonly revocations: ReadonlyMap<string, readonly RevocationList[]>;
  /** Verdicts on their signatures: a list of megabytes is hashed once per authority, not once per caller. */
  readonly signatureFaults: WeakMap<RevocationList, WeakMap<Certificate, string | null>>;
  /** Names of authorities with a list that could not be read at all. */
  readonly unreadable: ReadonlySet<string>;
}

const contents = new WeakMap<TrustStore, TrustContents>();

/** Reads authorities and revocation lists once for many chains. What is unusable is reported and counts for nothing; never throws. */
export function createTrustStore(material: TrustMaterial): TrustStore {
  const unusable: UnusableEntry[] = [];
  const authorities = readAll(material.authorities, 'authority', readAuthority, unusable);
  const revocations = readAll(material.revocations, 'revocation', readRevocationList, unusable);
  const unreadable = readAll(material.unreadableRevocationsOf ?? [], 'authority', readAuthority, []);
  const store = { authorityCount: authorities.length, revocationCount: revocations.length, unusable };
  contents.set(store, {
    authorities: groupBy(authorities, ({ subject }) => subject.key),
    anchors: new Set(authorities.filter(isAnchor)),
    revocations: groupBy(revocations, ({ issuer }) => issuer.key),
    signatureFaults: new WeakMap(revocations.map((list) => [list, new WeakMap()])),
    unreadable: new Set(unreadable.map(({ subject }) => subject.key)),
  });
  return store;
}

/** The contents of a store made here; any other object is a fault of the program. */
export function trustContents(store: TrustStore): TrustContents {
  const found = contents.get(store);
  if (!found) throw new TypeError('a trust store is made by createTrustStore');
  return found;
}

/** RFC 5280 6.1.1 d. What is in the directory is trusted by its place there: the digest of its own signature does not matter. */
function isAnchor(authority: Certificate): boolean {
  return authority.subject.key === authority.issuer.key && isSignedBy(authority.signed, authority.publicKey);
}

function readAuthority(der: Uint8Array): Certificate {
  const certificate = readCertificate(der, 'it');
  if (!certificate.isAuthority) throw new Malformed('it is not a CA (basicConstraints)');
  return certificate;
}

function readAll<T>(
  entries: readonly Uint8Array[],
  kind: UnusableEntry['kind'],
  read: (der: Uint8Array) => T,
  unusable: UnusableEntry[],
): T[] {
  return entries.flatMap((der, index) => {
    try {
      return [read(der)];
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      unusable.push({ kind, index, reason: error.message });
      return [];
    }
  });
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
