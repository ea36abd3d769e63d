import { DiracS3Error } from '@dirac-s3/core';
import { restPrefix } from '@dirac-s3/core/rest-api';
import type { Logger } from '@dirac-s3/core/ports';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { withDeadline } from '../deadline.js';
import { excerpt } from '../excerpt.js';
import { contextOf } from '../request-context.js';
import { certificatesOf } from '../peer-certificates.js';
import { sendWhole } from '../send-whole.js';
import type { Description } from '../services.js';
import { decodeBody } from './decode-body.js';
import { docsPagePolicy } from './docs-page.js';
import type { Operation } from './operation.js';
import { problemMediaType, problemOf } from './problem.js';

export interface RequestLimits {
  readonly maxItems: number;
  readonly maxBodyBytes: number;
  readonly requestTimeoutSeconds: number;
}

/** Answers carry URLs that are as good as keys: nothing on the way may keep them or pass them on. */
export const protectiveHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  });
  next();
};

/** Lets in whom the operation's guard lets in. Before the body is read, so that strangers cannot make the gateway read. */
export function guard(operation: Operation): RequestHandler {
  return async (request, response, next) => {
    if (operation.guard !== 'public') {
      const { authorization = [] } = request.headersDistinct;
      const context = contextOf(response);
      const facts = { authorization, certificates: certificatesOf(request.socket) };
      context.identity = (await context.services.authenticate(facts, operation.rule)).identity;
      if (!context.identity) throw new DiracS3Error('unauthenticated', 'this interface is for users in a group');
    }
    next();
  };
}

/** Reads and decodes the body where the operation takes one. */
export function readBody(operation: Operation, limits: RequestLimits): RequestHandler[] {
  const { body: schema } = operation;
  if (!schema) return [];
  const requireJson: RequestHandler = (request, _response, next) => {
    const type = request.get('content-type') ?? '';
    if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
      throw new DiracS3Error('unsupported-media-type', 'the Content-Type must be application/json');
    }
    next();
  };
  const decode: RequestHandler = (request, response, next) => {
    const bytes: unknown = request.body;
    contextOf(response).body = decodeBody(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0), schema, limits.maxItems);
    next();
  };
  return [requireJson, express.raw({ type: () => true, limit: limits.maxBodyBytes, inflate: false }), decode];
}

/** Runs the operation and writes its answer; one that takes too long is answered with `timeout`. */
export function perform(operation: Operation, description: Description, limits: RequestLimits): RequestHandler {
  return async (_request, response) => {
    const { body, identity, requestId, services } = contextOf(response);
    const answer = await withDeadline(
      operation.run({ body, identity, requestId }, { ...services, ...description }),
      limits.requestTimeoutSeconds,
    );
    if (operation.answer === 'html') {
      response.set('Content-Security-Policy', docsPagePolicy).type('html').send(answer);
    } else {
      sendWhole(response.type('json'), Buffer.from(JSON.stringify(answer)));
    }
  };
}

/** Lets nothing through but the operations in their exact spelling; a known path with another method is told its methods. */
export function onlyKnownRoutes(operations: readonly Operation[]): RequestHandler {
  const methodsByPath = new Map<string, string[]>();
  for (const { path, method } of operations) {
    const methods = methodsByPath.get(restPrefix + path) ?? [];
    methodsByPath.set(restPrefix + path, [...methods, ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])]);
  }
  return (request, response, next) => {
    const methods = methodsByPath.get(request.path);
    if (!methods) throw new DiracS3Error('not-found', 'the path is not part of the API');
    if (!methods.includes(request.method)) {
      response.set('Allow', methods.join(', '));
      throw new DiracS3Error('method-not-allowed', `${request.method} is not possible here`);
    }
    next();
  };
}

/** The only place that answers with an error. */
export function problems(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const { requestId } = contextOf(response);
    const problem = problemOf(thrown, requestId);
    const fields = { requestId, path: excerpt(request.path), code: problem.code, detail: problem.detail };
    if (problem.status >= 500) logger.error({ ...fields, error: thrown }, 'request failed');
    else logger.info({ ...fields, ...(thrown instanceof Error && { cause: causeOf(thrown) }) }, 'request refused');
    if (response.headersSent) {
      // Too late for another answer: Express breaks the connection off.
      next(thrown);
      return;
    }
    if (problem.status === 401) {
      const presented = request.headers.authorization !== undefined;
      response.set('WWW-Authenticate', presented ? 'Bearer error="invalid_token"' : 'Bearer');
    }
    response.status(problem.status).type(problemMediaType).send(JSON.stringify(problem));
  };
}

function causeOf(error: Error): string | undefined {
  return error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : undefined;
}
