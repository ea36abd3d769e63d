import type { z } from 'zod';
import type { Secret } from '../../domain/index.js';
import { DiracS3Error, isErrorCode } from '../../errors/index.js';
import { problemSchema, restPrefix } from '../../rest-api/index.js';

export interface RestClientOptions {
  /** `/Systems/DataManagement/URLs/S3Gateway`: only the origin counts, REST lives below it. */
  readonly urls: readonly string[];
  /** Asked for each request, so that a renewed token counts at once. */
  readonly token: () => Promise<Secret> | Secret;
  /** Total time for one question over all gateways. Default 60. */
  readonly timeoutSeconds?: number;
  /** 0 … 1: which gateway is asked first. */
  readonly random?: () => number;
  /** Told of every request, for `--verbose`; the line holds no secret. */
  readonly onRequest?: (line: string) => void;
}

export interface RestClient {
  get<Answer extends z.ZodType>(path: string, answer: Answer): Promise<z.infer<Answer>>;
  /**
   * `repeatable`: asking a second time does no harm when the first answer was lost on the way. Others are tried at the next gateway
   * only when nothing can have reached the first.
   */
  post<Answer extends z.ZodType>(path: string, body: unknown, options: { answer: Answer; repeatable: boolean }): Promise<z.infer<Answer>>;
}

/** A larger answer than 10 000 presigned URLs is none of ours. */
const maxAnswerBytes = 64 * 1024 * 1024;

/**
 * JSON over HTTP to whichever gateway answers. Starts at a random one, goes on to the next when a gateway is down. Every answer is checked
 * against its schema. The token goes to the configured origins only: over https, or over http to this very machine; never along a redirect.
 *
 * @throws gateway-unavailable (none answered, or not as agreed), timeout, and whatever a problem document says
 */
export function createRestClient({ urls, token, timeoutSeconds = 60, random = Math.random, onRequest }: RestClientOptions): RestClient {
  const origins = [...new Set(urls.map(originOf))];
  const first = Math.min(Math.floor(random() * origins.length), Math.max(0, origins.length - 1));
  let order = [...origins.slice(first), ...origins.slice(0, first)];

  const ask = async (path: string, init: { method: string; body?: string; repeatable: boolean }): Promise<string> => {
    if (order.length === 0)
      throw new DiracS3Error('gateway-unavailable', '/Systems/DataManagement/URLs/S3Gateway: no gateway is configured');
    const headers = { authorization: `Bearer ${(await token()).reveal()}`, 'content-type': 'application/json', accept: 'application/json' };
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    let last: DiracS3Error | undefined;
    for (const origin of order) {
      onRequest?.(`${init.method} ${origin}${restPrefix}${path}`);
      try {
        const response = await fetch(`${origin}${restPrefix}${path}`, { ...init, headers, signal, redirect: 'manual' });
        const text = await readText(response);
        if (response.ok) {
          // The one that answers stays first: the next question need not find out again who is down.
          order = [origin, ...order.filter((other) => other !== origin)];
          return text;
        }
        last = problemOf(origin, response.status, text);
        if (!isDown(response.status)) throw last;
      } catch (thrown) {
        if (thrown instanceof DiracS3Error) throw thrown;
        if (signal.aborted) throw new DiracS3Error('timeout', `no gateway answered within ${timeoutSeconds} seconds`, { cause: thrown });
        last = new DiracS3Error('gateway-unavailable', `${origin} cannot be reached (${reasonOf(thrown)})`, { cause: thrown });
        if (!init.repeatable && !neverArrived(thrown)) throw last;
      }
    }
    throw last ?? new DiracS3Error('gateway-unavailable', 'no gateway answered');
  };

  return {
    get: async (path, answer) => checked(answer, await ask(path, { method: 'GET', repeatable: true })),
    post: async (path, body, { answer, repeatable }) =>
      checked(answer, await ask(path, { method: 'POST', body: JSON.stringify(body), repeatable })),
  };
}

function originOf(text: string): string {
  const refuse = (fault: string): never => {
    throw new DiracS3Error('invalid-configuration', `/Systems/DataManagement/URLs/S3Gateway: ${JSON.stringify(text)} ${fault}`);
  };
  if (!URL.canParse(text)) return refuse('is not a URL');
  const url = new URL(text);
  if (url.protocol === 'https:') return url.origin;
  if (url.protocol !== 'http:') return refuse('must be an https URL');
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  return loopback ? url.origin : refuse('is plain http to another machine: the token would travel in the clear');
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length;
    if (length > maxAnswerBytes) throw new DiracS3Error('gateway-unavailable', 'the answer of the gateway is too large');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function checked<Answer extends z.ZodType>(schema: Answer, text: string): z.infer<Answer> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DiracS3Error(
    'gateway-unavailable',
    `the answer of the gateway is not as agreed: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}

function problemOf(origin: string, status: number, text: string): DiracS3Error {
  const problem = problemSchema.safeParse(parseJson(text));
  if (problem.success && isErrorCode(problem.data.code)) return new DiracS3Error(problem.data.code, problem.data.detail);
  if (status === 0 || (status >= 300 && status < 400))
    return new DiracS3Error('gateway-unavailable', `${origin} answered with a redirect, which is never followed`);
  return new DiracS3Error('gateway-unavailable', `${origin} answered ${status}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Statuses of a gateway that is not itself: another may be. A 503 of the catalog is one of these; asking elsewhere does no harm. */
function isDown(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

function codeOf(thrown: unknown): string | undefined {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}

/** No connection came about, so nothing can have been done. */
function neverArrived(thrown: unknown): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].includes(
    codeOf(thrown) ?? '',
  );
}

function reasonOf(thrown: unknown): string {
  return codeOf(thrown) ?? 'no answer';
}
