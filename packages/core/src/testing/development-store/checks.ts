import { S3Error, type S3ErrorCode } from './errors.js';

/**
 * Every check of the store by name, with what it stops. The conformance suite names the check a case proves, and a test switches each
 * one off to see such a case fail; so a check cannot rot unseen.
 */
export const checks = {
  anonymous: 'a request without a signature reaches public-read objects only',
  'one-mechanism': 'a request is signed in its query or in its header, never in both',
  'known-key': 'the access key exists',
  signature: 'the signature of a query or header is the one the secret gives',
  algorithm: 'the algorithm is AWS4-HMAC-SHA256',
  'scope-region': 'the credential scope names the region of the store',
  'scope-service': 'the credential scope names s3',
  'scope-terminator': 'the credential scope ends with aws4_request',
  'scope-date': 'the credential scope has the date of the request',
  'host-signed': 'the host is among the signed headers',
  'amz-headers-signed': 'an x-amz-* header that is not signed is refused, not ignored',
  'expires-range': 'a URL lives 1 to 604800 seconds',
  expired: 'a URL ends when it said',
  'not-yet-valid': 'a URL is not dated more than 15 minutes ahead',
  'clock-skew': 'a signed header is at most 15 minutes off',
  'session-token': 'a temporary key comes with its session token, and only its own',
  'payload-declared': 'a signed header says what it knows of the payload',
  'content-sha256': 'the body has the declared SHA-256',
  'content-md5': 'the body has the declared MD5',
  'checksum-header': 'the body has the declared x-amz-checksum-*',
  'content-length': 'the length of a body is known before it comes',
  'raw-chunks': 'a body framed as aws-chunked is never stored with its frames',
  'chunk-signature': 'each chunk of a signed stream has its signature',
  'trailer-signature': 'the trailer of a signed stream has its signature',
  'trailer-checksum': 'the body has the checksum its trailer says',
  'decoded-length': 'the decoded body has the declared length',
  rights: 'a write-only key reads nothing, not even as the source of a copy',
  'known-acl': 'an access control list the store cannot enforce is refused',
  'post-signature': 'a POST policy has the signature the secret gives',
  'post-expired': 'a POST policy ends when it said',
  'post-covered': 'every field of a form is covered by a condition',
  'post-equal': 'a field equals what its condition says',
  'post-starts-with': 'a field starts as its condition says',
  'post-too-large': 'a file is not longer than content-length-range allows',
  'post-too-small': 'a file is not shorter than content-length-range allows',
  'key-length': 'a key has at most 1024 bytes',
  'bucket-exists': 'the bucket exists',
  'bucket-name': 'a bucket has a valid name',
  'bucket-empty': 'a bucket that is removed is empty',
  'if-none-match': 'If-None-Match: * never replaces an object',
  'if-match': 'If-Match replaces only the object it names',
  'read-if-match': 'If-Match answers with the object it names only',
  'copy-if-match': 'a copy is made while its source has the ETag it names only',
  'range-satisfiable': 'a range begins inside the object',
  'upload-exists': 'parts belong to an upload that was begun for this key',
  'part-number': 'a part number is 1 to 10000',
  'part-known': 'an upload is completed with parts that are there, unchanged',
  'part-order': 'an upload is completed with its parts in ascending order',
  'part-size': 'every part but the last has at least 5 MiB',
  cors: 'only a configured origin is answered with Access-Control-Allow-Origin',
} as const;

export type CheckName = keyof typeof checks;
export const checkNames = Object.keys(checks) as readonly CheckName[];

/** Applies the checks that are switched on. */
export class Checks {
  readonly #disabled: ReadonlySet<CheckName>;

  constructor(disabled: ReadonlySet<CheckName> = new Set()) {
    this.#disabled = disabled;
  }

  enabled(name: CheckName): boolean {
    return !this.#disabled.has(name);
  }

  /** @throws S3Error `code` when the check is on and does not hold. */
  ensure(name: CheckName, holds: boolean, code: S3ErrorCode, message: string): void {
    if (!holds && this.enabled(name)) throw new S3Error(code, message);
  }
}
