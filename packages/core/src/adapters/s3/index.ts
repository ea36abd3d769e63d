export { createBucketProbe, type BucketFinding, type BucketProbe } from './bucket-probe.js';
export { createObjectLister, type ObjectListerOptions } from './object-lister.js';
export { createUploadFinder, type UploadFinderOptions } from './upload-finder.js';
export { createUploadStarter, type UploadStarterOptions } from './upload-starter.js';
export { createS3Presigner, type S3PresignerOptions } from './presigner.js';
