import type { Clock, Logger } from '@dirac-s3/core/ports';
import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { withDeadline } from '../deadline.js';
import { excerpt } from '../excerpt.js';
import { certificatesOf } from '../peer-certificates.js';
import { contextOf } from '../request-context.js';
import { decodeArguments, decodeCall, decodeExtraCredentials } from './decode-call.js';
import { answerOfFault, sendResult } from './encode-answer.js';
import { HttpRefusal, sendRefusal } from './http-refusal.js';
import { rpcMethods } from './methods/index.js';

export interface RpcLimits {
  readonly maxItems: number;
  readonly maxBodyBytes: number;
  readonly requestTimeoutSeconds: number;
}

export interface RpcDependencies {
  readonly limits: RpcLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly version: string;
}

/** Everything below belongs to DIRAC's way of calling, its errors too. */
const system = '/DataManagement';

/** The name in hand-written configurations, and the one DIRAC's installer writes since v8.1. The spelling is exact. */
const paths = [`${system}/S3Gateway`, `${system}/TornadoS3Gateway`];

/** The service as unmodified DIRAC clients know it (`TornadoService`): a form in, `S_OK` or `S_ERROR` out. */
export function createRpcRouter(dependencies: RpcDependencies): RequestHandler {
  const rpc = Router({ caseSensitive: true, strict: true });
  rpc.post(paths, readBytes(dependencies.limits), answerCall(dependencies));
  rpc.all(paths, (_request, response) => {
    response.set('Allow', 'POST');
    throw new HttpRefusal(405, 'only POST is possible here');
  });
  rpc.use(system, () => {
    throw new HttpRefusal(404, 'no such service');
  });
  rpc.use(faults(dependencies.logger));
  return rpc;
}

/** Bodies of callers who show neither certificate nor token: enough to tell 400, 501 and 401 apart, as the original does. */
const maxStrangerBytes = 64 * 1024;

/** Which method is called, and for whom, stands in the body: it is read before anybody is authenticated. */
function readBytes({ maxBodyBytes }: RpcLimits): RequestHandler {
  const read = (limit: number): RequestHandler => express.raw({ type: () => true, limit, inflate: true });
  const fromKnown = read(maxBodyBytes);
  const fromStranger = read(Math.min(maxBodyBytes, maxStrangerBytes));
  return (request, response, next) => {
    const known = request.headers.authorization !== undefined || certificatesOf(request.socket).length > 0;
    void (known ? fromKnown : fromStranger)(request, response, next);
  };
}

/** The order is the original's: the method must exist, then the caller is judged, then the arguments are looked at. */
function answerCall({ limits, clock, version }: RpcDependencies): RequestHandler {
  return async (request, response) => {
    const context = contextOf(response);
    const { services, requestId } = context;
    const call = await decodeCall(bytesOf(request), rpcMethods);
    const extraCredentials = decodeExtraCredentials(call.form);
    const { authorization = [] } = request.headersDistinct;
    const facts = {
      authorization,
      certificates: certificatesOf(request.socket),
      ...(extraCredentials !== undefined && { extraCredentials }),
    };
    const caller = await services.authenticate(facts, call.method.name);
    context.identity = caller.identity;
    const args = decodeArguments(call);
    const service = { name: request.path.slice(1), version, now: clock.now(), maxItems: limits.maxItems };
    const work = Promise.resolve(call.method.run({ args, caller, requestId, services, service }));
    sendResult(response, await withDeadline(work, limits.requestTimeoutSeconds));
  };
}

function bytesOf(request: Request): { body: Uint8Array; contentType: string | undefined; query: string } {
  const body: unknown = request.body;
  const query = /\?[^#]*/.exec(request.url)?.[0] ?? '';
  return { body: Buffer.isBuffer(body) ? body : Buffer.alloc(0), contentType: request.get('content-type'), query };
}

/** The only place of this endpoint that answers with an error. */
function faults(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, next) => {
    const answer = answerOfFault(thrown);
    log(logger, { request, response, thrown, answer });
    if (response.headersSent) next(thrown);
    else if (answer instanceof HttpRefusal) sendRefusal(response, answer.status);
    else sendResult(response, answer);
  };
}

function log(
  logger: Logger,
  fault: { request: Request; response: Response; thrown: unknown; answer: ReturnType<typeof answerOfFault> },
): void {
  const { request, response, thrown, answer } = fault;
  const { requestId } = contextOf(response);
  const fields = { requestId, path: excerpt(request.path) };
  if (!(answer instanceof HttpRefusal)) logger.info({ ...fields, errno: answer.Errno, detail: excerpt(answer.Message) }, 'call refused');
  else if (answer.status >= 500 && answer.status !== 501) logger.error({ ...fields, status: answer.status, error: thrown }, 'call failed');
  else {
    const { cause, message } = answer;
    const reason = cause instanceof Error ? { cause: `${cause.name}: ${cause.message}` } : {};
    logger.info({ ...fields, status: answer.status, detail: message, ...reason }, 'call refused');
  }
}
