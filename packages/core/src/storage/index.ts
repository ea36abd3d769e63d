export { resolveDestinations } from './destination.js';
export { createS3StorageElement, type S3StorageElementOptions } from './s3-storage-element.js';
export type { RetryPolicy } from './retry.js';
export type { Download, ObjectMetadata, Progress, ReceivedFile, S3StorageElement, StoredObject, TransferOptions, Upload } from './types.js';
