import { objectKeyOf, pieceOf, type Identity, type Lfn, type Secret } from '../domain/index.js';
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

/** What was permitted, to whom: one upload of one object of this size and checksum, in these parts. */
export interface UploadGrant {
  readonly username: string;
  readonly group: string;
  readonly vo: string;
  readonly storageElement: string;
  readonly bucket: string;
  readonly lfn: string;
  readonly uploadId: string;
  readonly sizeBytes: number;
  /** Each part has so many bytes, the last one what is left. */
  readonly partBytes: number;
  readonly checksum: string;
  /** Whole seconds, as `expiresAt`. */
  readonly begunAt: Date;
  readonly expiresAt: Date;
  /** All of it, or only what clears it away: whoever found somebody's orphaned upload may not go on with it. */
  readonly use: 'upload' | 'abort';
}

/** The fields in the order they are sealed in. Instants are whole seconds. */
type SealedGrant = readonly [
  ...place: readonly [username: string, group: string, vo: string, storageElement: string, bucket: string, lfn: string, uploadId: string],
  ...whole: readonly [sizeBytes: number, partBytes: number, checksum: string],
  ...terms: readonly [begunAt: number, expiresAt: number, use: UploadGrant['use']],
];

/** Text of a grant that nobody can change; worth something to its user only. */
export function sealUpload(grant: UploadGrant, keys: readonly Secret[]): string {
  const { username, group, vo, storageElement, bucket, lfn, uploadId, sizeBytes, partBytes, checksum, begunAt, expiresAt, use } = grant;
  const [begun = 0, expires = 0] = [begunAt, expiresAt].map((at) => Math.floor(at.getTime() / 1000));
  const place = [username, group, vo, storageElement, bucket, lfn, uploadId] as const;
  const fields: SealedGrant = [...place, sizeBytes, partBytes, checksum, begun, expires, use];
  return sealText('upload1', JSON.stringify(fields), keys);
}

/** A grant as it was sealed; undefined for anything else. */
export function openUpload(token: string, keys: readonly Secret[]): UploadGrant | undefined {
  const text = openSealedText('upload1', token, keys);
  if (text === undefined) return undefined;
  // Its seal was checked: it is as it was written.
  const fields = JSON.parse(text) as SealedGrant;
  const [username, group, vo, storageElement, bucket, lfn, uploadId, sizeBytes, partBytes, checksum, begun, expires, use] = fields;
  const [begunAt, expiresAt] = [new Date(begun * 1000), new Date(expires * 1000)];
  return { username, group, vo, storageElement, bucket, lfn, uploadId, sizeBytes, partBytes, checksum, begunAt, expiresAt, use };
}

/** Instant from which an upload cannot be renewed, nor anything of it signed. What is good for giving it up only is never renewed. */
export function sessionEnd({ begunAt, expiresAt, use }: Pick<UploadGrant, 'begunAt' | 'expiresAt' | 'use'>, limitSeconds: number): Date {
  return use === 'abort' ? expiresAt : new Date(begunAt.getTime() + limitSeconds * 1000);
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
  if (grant === undefined)
    return failure(
      'upload-ended',
      `${lfn}: the upload token was made with none of the keys of this gateway; begin the upload again. Where it was begun at another ` +
        'gateway of the same service, or before this one was started anew, their operator has to set the same SecretKeys in ' +
        '/Systems/DataManagement/Services/S3Gateway/UploadSessions of each',
    );
  if (!isOf(grant, asked)) return refuse('the upload token is not of this upload, or not of this user');
  if (terms.now >= sessionEnd(grant, terms.limitSeconds))
    return failure('upload-ended', `${lfn}: the upload was begun ${grant.begunAt.toISOString()}, too long ago; begin it again`);
  if (terms.use !== 'clear' && grant.use === 'abort') return refuse('the upload token is good for giving the upload up only');
  if (terms.use === 'move' && terms.now >= grant.expiresAt) return refuse('the upload token has expired; renew it');
  const fault = partFault(target, grant);
  return fault === undefined ? undefined : refuse(fault);
}

/** A part is held to its place in the whole, so that all of them together are never more than what was permitted. */
function partFault({ method, item: { partNumber = 0, sizeBytes, sourceRange } }: TargetFacts, grant: UploadGrant): string | undefined {
  if (method !== 'upload_part' && method !== 'upload_part_copy') return undefined;
  const piece = pieceOf(grant, partNumber);
  if (piece === undefined) return `partNumber: ${grant.sizeBytes} bytes in parts of ${grant.partBytes} have no part ${partNumber}`;
  const { start, length } = piece;
  if (method === 'upload_part')
    return sizeBytes === length ? undefined : `sizeBytes: part ${partNumber} has ${length} bytes, not ${sizeBytes ?? 'any number'}`;
  const fits = sourceRange?.from === start && sourceRange.to === start + length - 1;
  return fits ? undefined : `sourceRange: part ${partNumber} is the bytes ${start} to ${start + length - 1}`;
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
