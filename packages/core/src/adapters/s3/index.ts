export { createS3Presigner, type S3PresignerOptions } from './presigner.js';
