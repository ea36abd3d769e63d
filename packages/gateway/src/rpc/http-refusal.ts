import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';

/** Statuses the DIRAC client acts upon (`TornadoBaseClient`): 501 and 401 are final, anything else from 400 sends it to the next URL. */
export type RefusalStatus = 400 | 401 | 404 | 405 | 500 | 501 | 502 | 503 | 504;

/** The call failed before there was an answer in DIRAC's own form. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: RefusalStatus;

  constructor(status: RefusalStatus, reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.status = status;
  }
}

/** The page of Tornado for a status. It says no more, as there: the reason is in the log, under the request id. */
export function sendRefusal(response: Response, status: RefusalStatus): void {
  const text = `${status}: ${STATUS_CODES[status] ?? 'Error'}`;
  response.status(status).setHeader('Content-Type', 'text/html; charset=UTF-8');
  response.end(`<html><title>${text}</title><body>${text}</body></html>`);
}
