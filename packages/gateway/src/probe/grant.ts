import { createHmac, timingSafeEqual } from 'node:crypto';
import { DiracS3Error, parseLfn, type Lfn, type Secret } from '@dirac-s3/core';

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

/** Names the form of the token, and what its signature is for: a key that signs something else too signs nothing of ours by it. */
const version = 'probe1';
const form = /^probe1\.([A-Za-z0-9_-]{1,8192})\.([A-Za-z0-9_-]{43})$/;

/** A token that any gateway with the same keys accepts: `probe1.<grant>.<HMAC-SHA256>`. Whoever holds it may use it. */
export function sealGrant(grant: ProbeGrant, [key]: readonly Secret[]): string {
  if (key === undefined) throw new DiracS3Error('internal', 'there is no key to sign a probe link with');
  const { storageElement, bucket, lfn, username, group, vo, expiresAt } = grant;
  const seconds = Math.floor(expiresAt.getTime() / 1000);
  const payload = Buffer.from(JSON.stringify([storageElement, bucket, lfn, username, group, vo, seconds])).toString('base64url');
  return `${version}.${payload}.${signatureOf(payload, key)}`;
}

/**
 * The grant of a token that was sealed with one of the keys and is not past its end. All keys are tried whichever fits, and texts are compared in
 * constant time, so that the time taken tells nothing.
 *
 * @throws permission-denied
 */
export function openGrant(token: string, keys: readonly Secret[], now: Date): ProbeGrant {
  const [, payload = '', signature = ''] = form.exec(token) ?? [];
  const given = Buffer.from(signature.padEnd(43));
  const fitting = keys.filter((key) => timingSafeEqual(Buffer.from(signatureOf(payload, key)), given));
  if (payload === '' || fitting.length === 0) throw new DiracS3Error('permission-denied', 'the link is not one of this gateway');
  const grant = readGrant(Buffer.from(payload, 'base64url').toString('utf8'));
  if (grant.expiresAt.getTime() <= now.getTime()) throw new DiracS3Error('permission-denied', 'the link has expired');
  return grant;
}

function signatureOf(payload: string, key: Secret): string {
  return createHmac('sha256', key.reveal()).update(`dirac-s3 ${version}\0${payload}`).digest('base64url');
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
