import { isS3Method, type Presigned, type PresignItem } from '@dirac-s3/core';
import { presignAnswerSchema, presignRequestSchema, restPaths } from '@dirac-s3/core/rest-api';
import { DiracS3Error } from '@dirac-s3/core';
import type { z } from 'zod';
import { bulkAnswer } from '../bulk.js';
import { authenticatedOperation } from '../operation.js';

type Entry = z.input<typeof presignAnswerSchema>['successful'][number];

export const presign = authenticatedOperation({
  id: 'presign',
  method: 'post',
  path: restPaths.presign,
  tag: 'presign',
  summary: 'Presigned URLs for many LFNs',
  description:
    'One S3 method at one StorageElement. The File Catalog is asked whether the caller may do it, per LFN; what it allows is signed. ' +
    'Use the URLs as they stand: method, headers and form fields are covered by the signature.',
  rule: 'createPresignedUrl',
  body: presignRequestSchema,
  answer: presignAnswerSchema,
  handle: async ({ body, identity, requestId }, { presignUrls }) => {
    const { storageElement, method, upload, purpose, expirationSeconds } = body;
    if (!isS3Method(method)) throw new DiracS3Error('invalid-argument', 'method: not an S3 method');
    const result = await presignUrls({
      storageElement,
      method,
      // JSON has no undefined: a field the schema calls optional is absent or has its value.
      items: body.items as readonly PresignItem[],
      ...(upload !== undefined && { upload }),
      ...(purpose !== undefined && { purpose }),
      ...(expirationSeconds !== undefined && { expirationSeconds }),
      identity,
      requestId,
    });
    return bulkAnswer(result, encode);
  },
});

function encode(presigned: Presigned, lfn: string): Entry {
  const expiresAt = presigned.expiresAt.toISOString();
  if (presigned.kind === 'post') return { lfn, kind: 'post', url: presigned.url, fields: { ...presigned.fields }, expiresAt };
  const { httpMethod, url, headers } = presigned;
  return { lfn, kind: 'url', httpMethod, url, headers: { ...headers }, expiresAt };
}
