/**
 * The S3 methods that can be signed, one row each: the HTTP verb and what the user must be allowed to do in the catalog.
 * Wire spelling as in DIRAC's `createPresignedUrl` (`S3GatewayHandler.py`), extended by multipart uploads.
 */
export type S3Method =
  | 'head_object'
  | 'get_object'
  | 'put_object'
  | 'delete_object'
  | 'copy_object'
  | 'create_multipart_upload'
  | 'upload_part'
  | 'upload_part_copy'
  | 'list_parts'
  | 'complete_multipart_upload'
  | 'abort_multipart_upload';

/** Kind of right an S3 method needs; each is answered by a fixed number of bulk catalog calls. */
export type Access = 'read' | 'write' | 'remove';

/** Which of the four states of a StorageElement (`ReadAccess` …) a method needs to be open. */
export type StatusKind = 'Read' | 'Write' | 'Remove' | 'Check';

export interface S3MethodRow {
  readonly httpMethod: 'HEAD' | 'GET' | 'PUT' | 'DELETE' | 'POST';
  readonly access: Access;
  readonly status: StatusKind;
  /** True when the request sends the object's bytes: signed only where unsigned `x-amz-*` headers cannot do harm. */
  readonly sendsBody: boolean;
  readonly needsUploadId: boolean;
  readonly needsPartNumber: boolean;
  /** Copies inside one store: `access` is asked where the copy goes, and reading where it comes from. */
  readonly copies: boolean;
}

const row = (httpMethod: S3MethodRow['httpMethod'], access: Access, status: StatusKind, more?: Partial<S3MethodRow>): S3MethodRow => ({
  httpMethod,
  access,
  status,
  sendsBody: false,
  needsUploadId: false,
  needsPartNumber: false,
  copies: false,
  ...more,
});

export const s3Methods: Readonly<Record<S3Method, S3MethodRow>> = {
  head_object: row('HEAD', 'read', 'Check'),
  get_object: row('GET', 'read', 'Read'),
  put_object: row('PUT', 'write', 'Write', { sendsBody: true }),
  delete_object: row('DELETE', 'remove', 'Remove'),
  copy_object: row('PUT', 'write', 'Write', { copies: true }),
  create_multipart_upload: row('POST', 'write', 'Write'),
  upload_part: row('PUT', 'write', 'Write', { sendsBody: true, needsUploadId: true, needsPartNumber: true }),
  upload_part_copy: row('PUT', 'write', 'Write', { needsUploadId: true, needsPartNumber: true, copies: true }),
  list_parts: row('GET', 'write', 'Write', { needsUploadId: true }),
  complete_multipart_upload: row('POST', 'write', 'Write', { needsUploadId: true }),
  abort_multipart_upload: row('DELETE', 'write', 'Write', { needsUploadId: true }),
};

export const s3MethodNames = Object.keys(s3Methods) as readonly S3Method[];

export function isS3Method(text: string): text is S3Method {
  return Object.hasOwn(s3Methods, text);
}
