import { validateHeaderValue, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { DiracS3Error } from '@dirac-s3/core';
import type { Logger } from '@dirac-s3/core/ports';
import type { ObjectHead } from '@dirac-s3/core/storage';
import { withDeadline } from '../deadline.js';
import type { ProbeGrant } from './grant.js';
import type { Probe } from './probe.js';

export interface ProbeListenerDependencies {
  /** That of the configuration as it is now; undefined when no links are handed out any more. */
  readonly probe: () => Probe | undefined;
  readonly logger: Logger;
  /** Longest wait for a store. */
  readonly timeoutSeconds: number;
  /** Requests answered at a time; further ones are told to come back. Default 200. */
  readonly maxRunning?: number;
}

interface Verdict {
  readonly status: 200 | 403 | 404 | 405 | 502 | 503 | 504;
  readonly headers?: ObjectHead;
  readonly grant?: ProbeGrant;
  readonly fault?: unknown;
}

/**
 * Answers links and nothing else, always without a body: to HEAD with the store's headers, to GET with the bare status. 404 means one thing only, that the
 * store has no such object: DIRAC clients take it for "does not exist" and may act on it. Everything doubtful is another status, which is a failure to
 * them. Paths are never logged: a link is a bearer's.
 */
export function createProbeListener({ probe, logger, timeoutSeconds, maxRunning = 200 }: ProbeListenerDependencies): RequestListener {
  let running = 0;
  const judge = async (request: IncomingMessage): Promise<Verdict> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 };
    if (running > maxRunning) return { status: 503 };
    let grant: ProbeGrant | undefined;
    try {
      const current = probe();
      if (current === undefined) return { status: 403 };
      grant = current.open(request.url ?? '');
      const head = await withDeadline(current.head(grant), timeoutSeconds);
      if (head === undefined) return { status: 404, grant };
      return { status: 200, grant, headers: request.method === 'HEAD' ? objectHeaders(head) : {} };
    } catch (fault) {
      return { status: statusOf(fault), fault, ...(grant && { grant }) };
    }
  };
  return (request, response) => {
    const start = performance.now();
    running += 1;
    response.once('close', () => (running -= 1));
    void judge(request).then((verdict) => {
      send(response, request, verdict);
      report(logger, request, { verdict, milliseconds: Math.round((performance.now() - start) * 10) / 10 });
    });
  };
}

function statusOf(fault: unknown): Verdict['status'] {
  if (!(fault instanceof DiracS3Error)) return 502;
  if (fault.code === 'timeout') return 504;
  return ['permission-denied', 'access-not-allowed', 'unknown-storage-element'].includes(fault.code) ? 403 : 502;
}

/** What DIRAC's plugin and HTTP tools read of an object; other headers of the store are nobody's business. */
const objectHeader = /^(?:content-length|content-type|etag|last-modified|x-amz-meta-[a-z0-9_.-]+)$/;

function objectHeaders(head: ObjectHead): ObjectHead {
  // Without one the answer would say 0, and a client would believe it.
  if (!/^\d+$/.test(head['content-length'] ?? ''))
    throw new DiracS3Error('storage-unavailable', 'the store did not say how large the object is');
  const headers = Object.entries(head).filter(([name]) => objectHeader.test(name));
  for (const [name, value] of headers) validateHeaderValue(name, value);
  return Object.fromEntries(headers);
}

function send(response: ServerResponse, request: IncomingMessage, { status, headers = {} }: Verdict): void {
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Length', 0);
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  if (status === 503) response.setHeader('Retry-After', 1);
  // A body that nobody reads must not be taken for the next request.
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined)
    response.setHeader('Connection', 'close');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end();
}

function report(logger: Logger, request: IncomingMessage, { verdict, milliseconds }: { verdict: Verdict; milliseconds: number }): void {
  const { status, grant, fault } = verdict;
  const { storageElement, lfn, username, group } = grant ?? {};
  const reason = fault instanceof DiracS3Error ? { code: fault.code, reason: fault.message } : fault === undefined ? {} : { error: fault };
  const fields = {
    method: request.method,
    status,
    milliseconds,
    remoteAddress: request.socket.remoteAddress,
    ...(grant && { storageElement, lfn, username, group }),
    ...reason,
  };
  if (status >= 500) logger.warn(fields, 'probe');
  else logger.info(fields, 'probe');
}
