import { errorKind, type ErrorCode } from './table.js';
import { redact } from './redact.js';

/**
 * The one error class of the product: thrown when a whole request fails. A fault of one LFN is a {@link Failure} value.
 * Messages pass the redactor, so a signature or secret that slipped into one never reaches a log or a screen.
 */
export class DiracS3Error extends Error {
  override readonly name = 'DiracS3Error';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(redact(message), options);
    this.code = code;
  }

  get errno(): number {
    return errorKind(this.code).errno;
  }

  get httpStatus(): number {
    return errorKind(this.code).httpStatus;
  }

  get retryable(): boolean {
    return errorKind(this.code).retryable;
  }
}

/** Why one item of a bulk request failed. Plain data: it crosses process borders. */
export interface Failure {
  readonly code: ErrorCode;
  /** Says which name, and why; never contains a signature, a key or a token. */
  readonly message: string;
}

export function failure(code: ErrorCode, message: string): Failure {
  return { code, message: redact(message) };
}

/** The failure a thrown thing stands for; what is not ours becomes `fallback`, so that nothing foreign leaks. */
export function failureOf(thrown: unknown, fallback: ErrorCode = 'internal'): Failure {
  if (thrown instanceof DiracS3Error) return { code: thrown.code, message: thrown.message };
  return failure(fallback, thrown instanceof Error ? thrown.message : String(thrown));
}

/** Turns a failure back into something to throw, for the callers that asked about a single name. */
export function toError(fault: Failure): DiracS3Error {
  return new DiracS3Error(fault.code, fault.message);
}
