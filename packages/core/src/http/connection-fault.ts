import { DiracS3Error } from '../errors/index.js';

/** Who is at the other end: decides what a lost connection is called. */
export type Unavailable = 'storage-unavailable' | 'gateway-unavailable' | 'service-unavailable';

/** A connection did not come about, was lost, was silent for too long, or gave no proper answer. */
export class ConnectionFault extends DiracS3Error {
  /** Nothing can have been done at the other end: the connection did not come about, or the question was turned away unread. */
  readonly nothingSent: boolean;

  constructor(
    code: Unavailable | 'timeout',
    message: string,
    { nothingSent = false, cause }: { nothingSent?: boolean; cause?: unknown } = {},
  ) {
    super(code, message, { cause });
    this.nothingSent = nothingSent;
  }
}

/** The code of a system or TLS error, for messages: the text of such errors may quote what was sent. */
export function systemCodeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown fault';
}

/** True for what an `AbortSignal` makes a call throw. */
export function isAbort(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}
