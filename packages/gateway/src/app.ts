import { randomUUID } from 'node:crypto';
import type { Clock, Logger } from '@dirac-s3/core/ports';
import { restPrefix } from '@dirac-s3/core/rest-api';
import express, { Router, type Express } from 'express';
import { accessLog } from './ops/access-log.js';
import { requestContext } from './request-context.js';
import { renderDocsPage } from './rest/docs-page.js';
import { guard, onlyKnownRoutes, perform, problems, protectiveHeaders, readBody, type RequestLimits } from './rest/middleware.js';
import { createOpenApiDocument } from './rest/openapi.js';
import { operations } from './rest/operations/index.js';
import { createRpcRouter } from './rpc/index.js';
import type { Services } from './services.js';

export interface AppDependencies {
  /** Those of the configuration as it is now; asked once per request. */
  readonly services: () => Services;
  readonly limits: RequestLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Version of the gateway, for the OpenAPI document and for DIRAC's `ping`. */
  readonly version: string;
  /** Default: random UUIDs. */
  readonly newRequestId?: () => string;
}

/** The gateway without its socket. Everything a request meets stands here, in the order it meets it. */
export function createApp({ services, limits, logger, clock, version, newRequestId = randomUUID }: AppDependencies): Express {
  const openApiDocument = createOpenApiDocument(operations, version);
  const description = { openApiDocument, docsPage: renderDocsPage(openApiDocument) };

  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', false);
  app.use(requestContext(services, newRequestId));
  app.use(accessLog(logger));
  app.use(protectiveHeaders);
  app.use(createRpcRouter({ limits, logger, clock, version }));
  app.use(onlyKnownRoutes(operations));

  const rest = Router({ caseSensitive: true, strict: true });
  for (const operation of operations) {
    rest[operation.method](operation.path, guard(operation), readBody(operation, limits), perform(operation, description, limits));
  }
  app.use(restPrefix, rest);

  app.use(problems(logger));
  return app;
}
