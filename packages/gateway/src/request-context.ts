import { randomUUID } from 'node:crypto';
import type { Identity } from '@dirac-s3/core';
import type { RequestHandler, Response } from 'express';
import type { Services } from './services.js';

/** What the middlewares learn about one request, in the order they learn it. */
export interface RequestContext {
  readonly requestId: string;
  /** Those of the configuration that counted when the request came: a change in between does not split it. */
  readonly services: Services;
  identity?: Identity | undefined;
  /** Decoded and checked body. */
  body?: unknown;
}

const saneRequestId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Gives every request an id (the caller's `X-Request-Id` when it is a sane one), echoed in the answer and in every log line. */
export function requestContext(services: () => Services, newRequestId: () => string = randomUUID): RequestHandler {
  return (request, response, next) => {
    const offered = request.get('x-request-id');
    const requestId = offered !== undefined && saneRequestId.test(offered) ? offered : newRequestId();
    Object.assign(response.locals, { context: { requestId, services: services() } satisfies RequestContext });
    response.set('X-Request-Id', requestId);
    next();
  };
}

export function contextOf(response: Response): RequestContext {
  return (response.locals as { readonly context: RequestContext }).context;
}
