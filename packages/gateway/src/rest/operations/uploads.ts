import type { BulkResult } from '@dirac-s3/core';
import type { MultipartUpload } from '@dirac-s3/core/ports';
import { beginUploadsRequestSchema, renewUploadsRequestSchema, restPaths, uploadsAnswerSchema } from '@dirac-s3/core/rest-api';
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

function answerOf(result: BulkResult<MultipartUpload>): z.input<typeof uploadsAnswerSchema> {
  return bulkAnswer(result, ({ uploadId, token = '', expiresAt }, lfn) => ({
    lfn,
    uploadId,
    uploadToken: token,
    expiresAt: expiresAt.toISOString(),
  }));
}
