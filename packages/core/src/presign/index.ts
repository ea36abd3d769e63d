export { createDirectUrlSource, type DirectUrlSourceDependencies } from './direct-url-source.js';
export { createDirectMultipartUploads, type DirectMultipartUploadsDependencies } from './direct-multipart-uploads.js';
export { createDirectStoredObjects, type DirectStoredObjectsDependencies } from './direct-stored-objects.js';
export { createListObjects, type ListObjects, type ListObjectsCommand, type ListObjectsDependencies } from './list-objects.js';
export { createPresignUrls } from './presign-urls.js';
export { openSealedText, sealText, type SealPurpose } from './sealed-text.js';
export {
  createUploadSessions,
  type BeginUploads,
  type RenewUploads,
  type UploadSessionDependencies,
  type UploadSessions,
} from './upload-sessions.js';
export type { UploadSessionPolicy } from './upload-token.js';
export type { PresignCommand, PresignDependencies, PresignUrls } from './types.js';
