import { readSerial } from './certificate.js';
import { DerReader, Malformed, readSmallInteger, tag } from './der.js';
import { readExtensionList } from './extensions.js';
import { readName, type Name } from './names.js';
import { readSigned, requireSameAlgorithm, type Signed } from './signed.js';
import { readTime } from './time.js';

/** A certificate revocation list (RFC 5280 5.1) that was read, and of which nothing is believed yet. */
export interface RevocationList {
  readonly issuer: Name;
  readonly signed: Signed;
  /** What it says, or why it cannot be used although its issuer could be read: the issuer has a list, and it is no good. */
  readonly contents: RevocationContents | string;
}

export interface RevocationContents {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Serial numbers, their content in hex. */
  readonly revoked: ReadonlySet<string>;
}

const maxListBytes = 64 * 1024 * 1024;
/** Reasons are about the list itself. */
const what = 'it';
const explicitExtensions = 0xa0;

/** Throws {@link Malformed} when not even the issuer can be read. */
export function readRevocationList(der: Uint8Array): RevocationList {
  if (der.length > maxListBytes) throw new Malformed(`${what} is larger than ${maxListBytes} bytes`);
  const { fields, ...signed } = readSigned(der, what);
  const version = fields.optional(tag.integer);
  if (version && readSmallInteger(version, `${what}: version`) !== 1) throw new Malformed(`${what} is not of version 2`);
  requireSameAlgorithm(fields.next(tag.sequence), signed, what);
  const issuer = readName(fields.next(tag.sequence), `${what}: issuer`);
  return { issuer, signed, contents: readContents(fields) };
}

function readContents(fields: DerReader): RevocationContents | string {
  try {
    const thisUpdate = readTime(fields, `${what}: thisUpdate`);
    // RFC 5280 5.1.2.5: there must be one, or no list would ever be too old.
    const nextUpdate = readTime(fields, `${what}: nextUpdate`);
    const list = fields.optional(tag.sequence);
    const revoked = list ? readEntries(new DerReader(list.content, what)) : new Set<string>();
    const extensions = fields.optional(explicitExtensions);
    fields.end();
    if (extensions) {
      const outer = new DerReader(extensions.content, what);
      refuseCritical(outer.inside(tag.sequence));
      outer.end();
    }
    return { thisUpdate, nextUpdate, revoked };
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

/** RFC 5280 5.1.2.6 and 5.3: one entry per certificate; whatever the reason, also "on hold", it is revoked. */
function readEntries(list: DerReader): Set<string> {
  const revoked = new Set<string>();
  while (!list.atEnd) {
    const fields = list.inside(tag.sequence);
    revoked.add(readSerial(fields, `${what}: an entry's serial number`));
    readTime(fields, `${what}: an entry's revocation date`);
    const extensions = fields.optional(tag.sequence);
    fields.end();
    if (extensions) refuseCritical(new DerReader(extensions.content, what));
  }
  return revoked;
}

/**
 * RFC 5280 5.2 and 5.3: what is critical and not understood spoils the list. Understood is nothing: the critical ones all say that the
 * list is not one of all certificates of its issuer (delta lists 5.2.4, distribution points 5.2.5, entries of other issuers 5.3.3).
 */
function refuseCritical(list: DerReader): void {
  for (const [id, { critical }] of readExtensionList(list, what)) {
    if (critical) throw new Malformed(`${what} has the critical extension ${id}: it is not a complete list of one authority`);
  }
}
