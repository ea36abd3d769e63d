import { rootCertificates } from 'node:tls';
import type { z } from 'zod';
import type { Secret } from '../../domain/index.js';
import { DiracS3Error, isErrorCode } from '../../errors/index.js';
import { ConnectionFault, createHttpClient, type ClientCertificate } from '../../http/index.js';
import { problemSchema, restPrefix } from '../../rest-api/index.js';
import { gatewayOrigin } from './gateway-origin.js';

/**
 * A token, asked for with each request so that a renewed one counts at once, or a grid proxy. Never both: the gateway would judge the
 * certificate alone. The group is the one in the proxy.
 */
export type GatewayCredential = { readonly token: () => Promise<Secret> | Secret } | { readonly certificate: ClientCertificate };

export interface RestClientOptions {
  /** `/Systems/DataManagement/URLs/S3Gateway`: only the origin counts, REST lives below it. */
  readonly urls: readonly string[];
  /** Who asks. */
  readonly credential: GatewayCredential;
  /** Total time for one question over all gateways. Default 60. */
  readonly timeoutSeconds?: number | undefined;
  /** PEM of authorities to trust beside the public ones: those of the grid. */
  readonly caPem?: readonly string[] | undefined;
  /** 0 … 1: which gateway is asked first. */
  readonly random?: (() => number) | undefined;
  /** Told of every request, for `--verbose`; the line holds no secret. */
  readonly onRequest?: ((line: string) => void) | undefined;
}

export interface RestClient {
  get<Answer extends z.ZodType>(path: string, answer: Answer): Promise<z.infer<Answer>>;
  /**
   * `repeatable`: asking a second time does no harm when the first answer was lost on the way. Others are tried at the next gateway
   * only when nothing can have reached the first.
   */
  post<Answer extends z.ZodType>(path: string, body: unknown, options: { answer: Answer; repeatable: boolean }): Promise<z.infer<Answer>>;
  close(): void;
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: Buffer | undefined;
  readonly repeatable: boolean;
}

/** Far more than a thousand presigned URLs or the listing of a large directory. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** A gateway that does not take the connection for so long is passed over. */
const connectTimeoutSeconds = 5;

/**
 * JSON over HTTP to whichever gateway answers. Starts at a random one, goes on to the next when a gateway is down. Every answer is checked
 * against its schema. A token goes to the configured origins only: over https, or over http to this very machine; never along a redirect. A proxy is shown over https only.
 *
 * @throws gateway-unavailable (none answered, or not as agreed), timeout, and whatever a problem document says
 */
export function createRestClient(options: RestClientOptions): RestClient {
  const { urls, credential, timeoutSeconds = 60, caPem = [], random = Math.random, onRequest } = options;
  const origins = [...new Set(urls.map(gatewayOrigin))];
  const first = Math.floor(random() * origins.length) % Math.max(1, origins.length);
  let order = [...origins.slice(first), ...origins.slice(0, first)];
  const certificate = 'certificate' in credential ? credential.certificate : undefined;
  const http = createHttpClient({
    unavailable: 'gateway-unavailable',
    ...((certificate !== undefined || caPem.length > 0) && { tls: { caPem: [...rootCertificates, ...caPem], certificate } }),
    connectTimeoutSeconds,
    idleTimeoutSeconds: timeoutSeconds,
  });

  const askOne = async (origin: string, { method, path, body, repeatable }: Question, signal: AbortSignal): Promise<string> => {
    if (certificate !== undefined && !origin.startsWith('https:'))
      throw new DiracS3Error('unauthenticated', `a proxy cannot be shown to ${origin}: that is plain http`);
    onRequest?.(`${method} ${origin}${restPrefix}${path}`);
    const answer = await http.send({
      method,
      url: `${origin}${restPrefix}${path}`,
      headers: {
        ...('token' in credential && { authorization: `Bearer ${headerText(await credential.token())}` }),
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json', 'content-length': String(body.length) }),
      },
      body: body && ((to) => to.write(body)),
      repeatable,
      signal,
    });
    const bytes = await answer.start(maxAnswerBytes + 1);
    if (bytes.length > maxAnswerBytes) throw new DiracS3Error('gateway-unavailable', `the answer of ${origin} is too large`);
    const text = bytes.toString('utf8');
    if (answer.status >= 200 && answer.status < 300) return text;
    throw isDown(answer.status) ? new GatewayDown(problemOf(origin, answer.status, text)) : problemOf(origin, answer.status, text);
  };

  const ask = async (question: Question): Promise<string> => {
    if (order.length === 0)
      throw new DiracS3Error('gateway-unavailable', '/Systems/DataManagement/URLs/S3Gateway: no gateway is configured');
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    let last: unknown;
    for (const origin of order) {
      try {
        const text = await askOne(origin, question, signal);
        // The one that answers stays first: the next question need not find out again who is down.
        order = [origin, ...order.filter((other) => other !== origin)];
        return text;
      } catch (thrown) {
        if (signal.aborted) throw new DiracS3Error('timeout', `no gateway answered within ${timeoutSeconds} seconds`, { cause: thrown });
        if (!mayAskNext(thrown, question)) throw thrown instanceof GatewayDown ? thrown.problem : thrown;
        last = thrown instanceof GatewayDown ? thrown.problem : thrown;
      }
    }
    throw last as Error;
  };

  return {
    get: async (path, answer) => checked(answer, await ask({ method: 'GET', path, body: undefined, repeatable: true })),
    post: async (path, body, { answer, repeatable }) =>
      checked(answer, await ask({ method: 'POST', path, body: Buffer.from(JSON.stringify(body)), repeatable })),
    close: () => http.close(),
  };
}

/** This gateway is not itself; another may be. */
class GatewayDown extends Error {
  readonly problem: DiracS3Error;

  constructor(problem: DiracS3Error) {
    super('a gateway is down');
    this.problem = problem;
  }
}

function isDown(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

function mayAskNext(thrown: unknown, { repeatable }: Question): boolean {
  if (thrown instanceof GatewayDown) return repeatable;
  return thrown instanceof ConnectionFault && (repeatable || thrown.nothingSent);
}

function headerText(token: Secret): string {
  const text = token.reveal();
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new DiracS3Error('unauthenticated', 'the token is empty or holds characters that no token has');
}

function checked<Answer extends z.ZodType>(schema: Answer, text: string): z.infer<Answer> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DiracS3Error(
    'gateway-unavailable',
    `the answer of the gateway is not as agreed: at ${JSON.stringify(issue?.path.join('.') ?? '')}: ${issue?.message ?? ''}`,
  );
}

function problemOf(origin: string, status: number, text: string): DiracS3Error {
  const problem = problemSchema.safeParse(parseJson(text));
  if (problem.success && isErrorCode(problem.data.code)) return new DiracS3Error(problem.data.code, problem.data.detail);
  if (status >= 300 && status < 400)
    return new DiracS3Error('gateway-unavailable', `${origin} answered with a redirect (${status}), which is never followed`);
  return new DiracS3Error('gateway-unavailable', `${origin} answered ${status}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
