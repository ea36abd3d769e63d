export { createOpenApiDocument, type OpenApiDocument } from './openapi.js';
export { operations } from './operations/index.js';
export type { Operation } from './operation.js';
export { renderRestReference } from './reference.js';
