import type { Logger } from '@dirac-s3/core/ports';
import type { RequestHandler } from 'express';
import { excerpt } from '../excerpt.js';
import { contextOf } from '../request-context.js';

/** One line per request when its connection is done with it, finished or broken off. Paths without their query. */
export function accessLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    const path = request.path;
    response.once('close', () => {
      const { requestId, identity } = contextOf(response);
      const fields = {
        requestId,
        method: request.method,
        path: excerpt(path),
        status: response.statusCode,
        finished: response.writableFinished,
        milliseconds: Math.round((performance.now() - start) * 10) / 10,
        remoteAddress: request.socket.remoteAddress,
        ...(identity && { username: identity.username, group: identity.group }),
      };
      // Balancers ask every few seconds; their questions would bury the rest.
      if (path.includes('/health/')) logger.debug(fields, 'request');
      else logger.info(fields, 'request');
    });
    next();
  };
}
