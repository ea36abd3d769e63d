export { createDirectUrlSource, type DirectUrlSourceDependencies } from './direct-url-source.js';
export { createPresignUrls } from './presign-urls.js';
export type { PresignCommand, PresignDependencies, PresignUrls } from './types.js';
