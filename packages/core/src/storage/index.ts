export { resolveDestinations } from './destination.js';
export { createObjectHeads, type ObjectHead, type ObjectHeads, type ObjectHeadsOptions } from './object-heads.js';
export { createS3StorageElement, type S3StorageElementOptions } from './s3-storage-element.js';
export type { RetryPolicy } from './retry.js';
export type { Download, ObjectMetadata, Progress, ReceivedFile, S3StorageElement, StoredObject, TransferOptions, Upload } from './types.js';
