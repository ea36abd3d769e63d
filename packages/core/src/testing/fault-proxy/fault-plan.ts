import { seededRandom } from './random.js';

/** What goes wrong between client and store. Places are fractions of a body: 0 its first byte, towards 1 its last. */
export type ProxyFault =
  /** Nothing passes for so long; then everything as always. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The body, of the answer where the request has none, is spread over so long. */
  | { readonly kind: 'trickle'; readonly milliseconds: number }
  /** The store never sees the request; the client gets this answer. */
  | { readonly kind: 'answer'; readonly status: AnswerStatus }
  /** The connections end in the middle of the request's body. */
  | { readonly kind: 'cut-request'; readonly place: number; readonly how: 'reset' | 'close' }
  /** The connection to the client ends in the middle of the answer's body; before its head where it has none. */
  | { readonly kind: 'cut-answer'; readonly place: number; readonly how: 'reset' | 'close' }
  /** The store did what it was asked to; the client never hears of it. */
  | { readonly kind: 'lose-answer' }
  /** One byte is another: `mask` (1 … 255) is what differs. */
  | { readonly kind: 'corrupt-request'; readonly place: number; readonly mask: number }
  | { readonly kind: 'corrupt-answer'; readonly place: number; readonly mask: number }
  /** 200 whose body is an error, as S3 may answer CompleteMultipartUpload; `done` says whether the store has completed nevertheless. */
  | { readonly kind: 'failed-complete'; readonly done: boolean };

export type AnswerStatus = 403 | 429 | 500 | 503;
export type ProxyFaultKind = ProxyFault['kind'];

export const proxyFaultKinds: readonly ProxyFaultKind[] = [
  'delay',
  'trickle',
  'answer',
  'cut-request',
  'cut-answer',
  'lose-answer',
  'corrupt-request',
  'corrupt-answer',
  'failed-complete',
];

/** What a fault is chosen by. */
export interface ProxiedRequest {
  readonly method: string;
  /** As sent: path and query. */
  readonly target: string;
  /** Whether a body is announced. */
  readonly hasBody: boolean;
}

/** Asked once per request, in their order; undefined means that it passes as it is. */
export type FaultPlan = (request: ProxiedRequest) => ProxyFault | undefined;

export interface FaultPlanOptions {
  /** The same seed and the same requests in the same order: the same faults. */
  readonly seed: string;
  /** Share of the requests that fail, 0 … 1. Default 0.25. */
  readonly rate?: number;
  /** After so many faults everything passes. Default: no limit. */
  readonly maxFaults?: number;
  /** Default: all. Those that do not suit a request are left out for it. */
  readonly kinds?: readonly ProxyFaultKind[];
  /** Longest delay and longest trickle. Default 100. */
  readonly maxMilliseconds?: number;
}

const statuses: readonly AnswerStatus[] = [403, 429, 500, 503];

/** Random faults. Each request costs the same number of random numbers, whether it fails or not. */
export function createFaultPlan(options: FaultPlanOptions): FaultPlan {
  const { seed, rate = 0.25, maxFaults = Infinity, kinds = proxyFaultKinds, maxMilliseconds = 100 } = options;
  const random = seededRandom(seed);
  let left = maxFaults;
  return (request) => {
    const [chance, which, place, detail] = [random(), random(), random(), random()];
    if (left <= 0 || chance >= rate) return undefined;
    const kind = pick(
      kinds.filter((one) => suits(one, request)),
      which,
    );
    if (kind === undefined) return undefined;
    left -= 1;
    return faultOf(kind, { place, detail, maxMilliseconds });
  };
}

function suits(kind: ProxyFaultKind, { method, target, hasBody }: ProxiedRequest): boolean {
  const ofUpload = /[?&]uploadId=/.test(target);
  const completes = method === 'POST' && ofUpload;
  switch (kind) {
    case 'cut-request':
      return hasBody;
    case 'corrupt-request':
      // The lists of a multipart upload carry no checksum in S3: only data are changed.
      return hasBody && !completes;
    case 'cut-answer':
      return method === 'GET';
    case 'corrupt-answer':
      return method === 'GET' && !ofUpload;
    case 'trickle':
      return hasBody || method === 'GET';
    case 'failed-complete':
      return completes;
    default:
      return true;
  }
}

interface Drawn {
  readonly place: number;
  readonly detail: number;
  readonly maxMilliseconds: number;
}

function faultOf(kind: ProxyFaultKind, { place, detail, maxMilliseconds }: Drawn): ProxyFault {
  switch (kind) {
    case 'delay':
    case 'trickle':
      return { kind, milliseconds: Math.ceil(detail * maxMilliseconds) };
    case 'answer':
      return { kind, status: pick(statuses, detail) ?? 500 };
    case 'cut-request':
    case 'cut-answer':
      return { kind, place, how: detail < 0.5 ? 'reset' : 'close' };
    case 'corrupt-request':
    case 'corrupt-answer':
      return { kind, place, mask: 1 + Math.floor(detail * 255) };
    case 'failed-complete':
      return { kind, done: detail < 0.5 };
    case 'lose-answer':
      return { kind };
  }
}

function pick<Value>(from: readonly Value[], fraction: number): Value | undefined {
  return from[Math.floor(fraction * from.length)];
}
