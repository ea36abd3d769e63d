export type { AuditRecord, AuditSink } from './audit-sink.js';
export type { Clock } from './clock.js';
export type { CredentialsProvider } from './credentials-provider.js';
export type {
  DirectoryListing,
  DirectoryMetadata,
  FileCatalog,
  FileCatalogs,
  FileMetadata,
  NewFile,
  PathChange,
  ReplicaOf,
} from './file-catalog.js';
export type { Logger } from './logger.js';
export type { Metrics, QuestionSample } from './metrics.js';
export type { FoundUpload, MultipartUpload, MultipartUploads, NewMultipartUpload } from './multipart-uploads.js';
export type { ObjectLister } from './object-lister.js';
export type { PermissionChecker, PermissionQuestion, Verdict } from './permission-checker.js';
export type { AuthorizedTarget, Presigner, TargetFacts } from './presigner.js';
export type { LookupOptions, Registration, ReplicaLookup } from './replica-lookup.js';
export type { StorageElementRegistry } from './storage-element-registry.js';
export { fewestListed, type ListedObject, type StoredObjects } from './stored-objects.js';
export type { UnfinishedUpload, UploadFinder } from './upload-finder.js';
export type { UploadStarter } from './upload-starter.js';
export type { UrlSource } from './url-source.js';
