export { allowWaitingForFiles } from '../local-files/index.js';
export { resolveDestinations } from './destination.js';
export { createStorageElementByProtocol, type ByProtocolOptions } from './by-protocol.js';
export { createFileStorageElement, type FileStorageElementOptions } from './file-storage-element.js';
export { createObjectHeads, type ObjectHead, type ObjectHeads, type ObjectHeadsOptions } from './object-heads.js';
export {
  abortTransfer,
  cleanTransfers,
  createAbortTools,
  type AbortOptions,
  type AbortTools,
  type CleanedTransfers,
  type CleanOptions,
} from './abort-transfer.js';
export type { CleanedOrphans, OrphanedUpload, OrphanPlace } from './clean-orphans.js';
export { createS3StorageElement } from './s3-storage-element.js';
export type { PieceOptions, S3StorageElementOptions } from './s3-tools.js';
export { listTransfers, type KnownTransfer, type TransferPlaces } from './transfers.js';
export type { RetryPolicy } from './retry.js';
export type {
  ByteRange,
  Download,
  ObjectMetadata,
  OpenOptions,
  OpenReplica,
  Progress,
  ReceivedFile,
  ReplicaSource,
  S3StorageElement,
  StorageElementClient,
  StoreCopy,
  StoredObject,
  TransferOptions,
  Upload,
} from './types.js';
