import { objectKeyOf, type Identity, type Lfn, type Secret } from '../domain/index.js';
import { failure, type Failure } from '../errors/index.js';
import type { TargetFacts } from '../ports/index.js';
import { openSealedText, sealText } from './sealed-text.js';

/** How uploads in parts are bound (`…/Services/S3Gateway/UploadSessions`). */
export interface UploadSessionPolicy {
  /** The first one seals, all of them open; the same at every gateway behind one URL. */
  readonly keys: readonly Secret[];
  /** Seconds until the permission is asked for again. */
  readonly lifetimeSeconds: number;
  /** Seconds after its begin that an upload can be renewed no more. */
  readonly limitSeconds: number;
}

/** What was permitted, to whom: one upload of one object of this size and checksum. */
export interface UploadGrant {
  readonly username: string;
  readonly group: string;
  readonly vo: string;
  readonly storageElement: string;
  readonly bucket: string;
  readonly lfn: string;
  readonly uploadId: string;
  readonly sizeBytes: number;
  readonly checksum: string;
  /** Whole seconds, as `expiresAt`. */
  readonly begunAt: Date;
  readonly expiresAt: Date;
  /** All of it, or only what clears it away: whoever found somebody's orphaned upload may not go on with it. */
  readonly use: 'upload' | 'abort';
}

/** Text of a grant that nobody can change; worth something to its user only. */
export function sealUpload(grant: UploadGrant, keys: readonly Secret[]): string {
  const { username, group, vo, storageElement, bucket, lfn, uploadId, sizeBytes, checksum, begunAt, expiresAt, use } = grant;
  const times = [begunAt, expiresAt].map((at) => Math.floor(at.getTime() / 1000));
  return sealText(
    'upload1',
    JSON.stringify([username, group, vo, storageElement, bucket, lfn, uploadId, sizeBytes, checksum, ...times, use]),
    keys,
  );
}

/** A grant as it was sealed; undefined for anything else. */
export function openUpload(token: string, keys: readonly Secret[]): UploadGrant | undefined {
  const text = openSealedText('upload1', token, keys);
  if (text === undefined) return undefined;
  // Its seal was checked: it is as it was written.
  const [username, group, vo, storageElement, bucket, lfn, uploadId, sizeBytes, checksum, begun, expires, use] = JSON.parse(text) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    number,
    string,
    number,
    number,
    UploadGrant['use'],
  ];
  const [begunAt, expiresAt] = [new Date(begun * 1000), new Date(expires * 1000)];
  return { username, group, vo, storageElement, bucket, lfn, uploadId, sizeBytes, checksum, begunAt, expiresAt, use };
}

/** Instant from which an upload cannot be renewed, nor anything of it signed. */
export function sessionEnd({ begunAt }: Pick<UploadGrant, 'begunAt'>, limitSeconds: number): Date {
  return new Date(begunAt.getTime() + limitSeconds * 1000);
}

/** What is done with an upload: its bytes moved or its end made, looked at or given up, or its permission renewed. */
export type UploadUse = 'move' | 'clear' | 'renew';

/**
 * Why a grant does not permit this, or undefined. Somebody else's upload, or another object, StorageElement or upload id than the one that
 * was permitted, is told nothing about. What clears an upload away is permitted until the session ends, so that nobody has to leave
 * parts behind; everything else until the permission has to be asked for again.
 */
export function grantFault(
  grant: UploadGrant | undefined,
  asked: { readonly identity: Identity; readonly lfn: Lfn; readonly target: TargetFacts },
  terms: { readonly use: UploadUse; readonly now: Date; readonly limitSeconds: number },
): Failure | undefined {
  const { lfn, target } = asked;
  const refuse = (why: string): Failure => failure('permission-denied', `${lfn}: ${why}`);
  if (grant === undefined || !isOf(grant, asked)) return refuse('the upload token is not of this upload, or not of this user');
  if (terms.now >= sessionEnd(grant, terms.limitSeconds))
    return refuse(`the upload was begun ${grant.begunAt.toISOString()}, too long ago; begin it again`);
  if (terms.use !== 'clear' && grant.use === 'abort') return refuse('the upload token is good for giving the upload up only');
  if (terms.use === 'move' && terms.now >= grant.expiresAt) return refuse('the upload token has expired; renew it');
  const fault = partFault(target, grant);
  return fault === undefined ? undefined : refuse(fault);
}

/** A part is held to what was permitted for the whole: without a size it could be anything up to 5 GiB. */
function partFault({ method, item: { sizeBytes, sourceRange } }: TargetFacts, grant: UploadGrant): string | undefined {
  if (method !== 'upload_part' && method !== 'upload_part_copy') return undefined;
  const bytes = method === 'upload_part' ? sizeBytes : sourceRange && sourceRange.to - sourceRange.from + 1;
  if (bytes === undefined) return `${method === 'upload_part' ? 'sizeBytes' : 'sourceRange'} is missing`;
  return bytes > grant.sizeBytes ? `a part cannot have more bytes than the whole (${grant.sizeBytes})` : undefined;
}

function isOf(
  grant: UploadGrant,
  { identity, lfn, target }: { readonly identity: Identity; readonly lfn: Lfn; readonly target: TargetFacts },
): boolean {
  return (
    grant.username === identity.username &&
    grant.group === identity.group &&
    grant.vo === identity.vo &&
    grant.storageElement === target.storageElement.name &&
    grant.bucket === target.bucket &&
    grant.lfn === lfn &&
    target.key === objectKeyOf(lfn) &&
    grant.uploadId === target.item.uploadId
  );
}
