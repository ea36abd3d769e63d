export { createBucketProbe, type BucketFinding, type BucketProbe } from './bucket-probe.js';
export { createS3Presigner, type S3PresignerOptions } from './presigner.js';
