import type { BulkResult } from '@dirac-s3/core';
import type { MultipartUpload } from '@dirac-s3/core/ports';
import {
  beginUploadsRequestSchema,
  findUploadsRequestSchema,
  foundUploadsAnswerSchema,
  renewUploadsRequestSchema,
  restPaths,
  uploadsAnswerSchema,
} from '@dirac-s3/core/rest-api';
import type { z } from 'zod';
import { bulkAnswer } from '../bulk.js';
import { authenticatedOperation } from '../operation.js';

const shared = { method: 'post', tag: 'presign', rule: 'createPresignedUrl', answer: uploadsAnswerSchema } as const;

export const beginUploads = authenticatedOperation({
  ...shared,
  id: 'beginUploads',
  path: restPaths.beginUploads,
  summary: 'Begin uploads in parts',
  description:
    'The File Catalog is asked as for an upload of the whole file; then the store is asked for an upload. Its requests (`upload_part`, ' +
    '`list_parts`, `complete_multipart_upload`, `abort_multipart_upload`) are signed by `presign` with `uploadId` and `uploadToken`.',
  body: beginUploadsRequestSchema,
  handle: async ({ body: { storageElement, uploads }, identity, requestId }, { uploadSessions }) =>
    answerOf(await uploadSessions.begin({ storageElement, uploads, identity, requestId })),
});

export const renewUploads = authenticatedOperation({
  ...shared,
  id: 'renewUploads',
  path: restPaths.renewUploads,
  summary: 'Go on with uploads in parts',
  description: 'The File Catalog is asked again. A token that has expired is renewed, one of another user or upload is not.',
  body: renewUploadsRequestSchema,
  handle: async ({ body: { storageElement, uploads }, identity, requestId }, { uploadSessions }) => {
    const asked = uploads.map(({ lfn, uploadId, uploadToken }) => ({ lfn, uploadId, token: uploadToken }));
    return answerOf(await uploadSessions.renew({ storageElement, uploads: asked, identity, requestId }));
  },
});

export const findUploads = authenticatedOperation({
  ...shared,
  id: 'findUploads',
  path: restPaths.findUploads,
  summary: 'Find uploads in parts that nobody finished',
  description:
    'The store is asked for the uploads of each name and of names below it, then the File Catalog as for a removal of each that was found; ' +
    'what the caller might not remove is left out. Of each name the thousand oldest are told. The tokens sign `list_parts` and ' +
    '`abort_multipart_upload`, and nothing else. Somebody may still be at work on what is found: look at `begunAt`.',
  body: findUploadsRequestSchema,
  answer: foundUploadsAnswerSchema,
  handle: async ({ body: { storageElement, lfns }, identity, requestId }, { uploadSessions }) =>
    bulkAnswer(await uploadSessions.find({ storageElement, lfns, identity, requestId }), (uploads, lfn) => ({
      lfn,
      uploads: uploads.map(({ begunAt, ...upload }) => ({ ...entryOf(upload), begunAt: begunAt.toISOString() })),
    })),
});

function answerOf(result: BulkResult<MultipartUpload>): z.input<typeof uploadsAnswerSchema> {
  return bulkAnswer(result, entryOf);
}

function entryOf({ lfn, uploadId, token = '', expiresAt }: MultipartUpload): {
  lfn: string;
  uploadId: string;
  uploadToken: string;
  expiresAt: string;
} {
  return { lfn, uploadId, uploadToken: token, expiresAt: expiresAt.toISOString() };
}
