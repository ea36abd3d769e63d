import { restPaths } from '@dirac-s3/core/rest-api';
import { z } from 'zod';
import { publicOperation } from '../operation.js';

export const openApi = publicOperation({
  id: 'openApi',
  method: 'get',
  path: restPaths.openapi,
  tag: 'information',
  summary: 'This API as an OpenAPI 3.1 document',
  description: 'Made of the schemas that check the requests.',
  answer: z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApiDocument' }),
  handle: ({ openApiDocument }) => Promise.resolve(openApiDocument as { openapi: string }),
});

export const docs = publicOperation({
  id: 'docs',
  method: 'get',
  path: restPaths.docs,
  tag: 'information',
  summary: 'This API as a page to read',
  description: 'Made of the OpenAPI document; loads nothing from elsewhere and runs no script.',
  answer: 'html',
  handle: ({ docsPage }) => Promise.resolve(docsPage),
});
