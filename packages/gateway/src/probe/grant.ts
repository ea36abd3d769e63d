import { DiracS3Error, parseLfn, type Lfn, type Secret } from '@dirac-s3/core';
import { openSealedText, sealText } from '@dirac-s3/core/presign';

/** What the catalog permitted: one user may ask for one object at one StorageElement, for a while. */
export interface ProbeGrant {
  readonly storageElement: string;
  readonly bucket: string;
  readonly lfn: Lfn;
  readonly username: string;
  readonly group: string;
  readonly vo: string;
  /** Whole seconds. */
  readonly expiresAt: Date;
}

/** A token that any gateway with the same keys accepts. Whoever holds it may use it. */
export function sealGrant(grant: ProbeGrant, keys: readonly Secret[]): string {
  const { storageElement, bucket, lfn, username, group, vo, expiresAt } = grant;
  const seconds = Math.floor(expiresAt.getTime() / 1000);
  return sealText('probe1', JSON.stringify([storageElement, bucket, lfn, username, group, vo, seconds]), keys);
}

/**
 * The grant of a token that was sealed with one of the keys and is not past its end.
 *
 * @throws permission-denied
 */
export function openGrant(token: string, keys: readonly Secret[], now: Date): ProbeGrant {
  const text = openSealedText('probe1', token, keys);
  if (text === undefined) throw new DiracS3Error('permission-denied', 'the link is not one of this gateway');
  const grant = readGrant(text);
  if (grant.expiresAt.getTime() <= now.getTime()) throw new DiracS3Error('permission-denied', 'the link has expired');
  return grant;
}

/** Its signature was checked: it is as it was written. */
function readGrant(text: string): ProbeGrant {
  const [storageElement, bucket, lfn, username, group, vo, seconds] = JSON.parse(text) as [
    string,
    string,
    string,
    string,
    string,
    string,
    number,
  ];
  return { storageElement, bucket, lfn: parseLfn(lfn), username, group, vo, expiresAt: new Date(seconds * 1000) };
}
