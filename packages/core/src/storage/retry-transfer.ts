import { isRetryable } from './retry.js';
import { StoreRefusal } from './s3-error.js';

/** Refusals of bytes that were damaged or delayed on their way: the same request can be right the next time. */
const ofTheWay: readonly string[] = ['BadDigest', 'InvalidDigest', 'RequestTimeout', 'IncompleteBody', 'XAmzContentSHA256Mismatch'];

/** True for faults of pieces that can be sent or fetched again: their bytes are known, so nothing can be done twice. */
export function mayPassLater(thrown: unknown): boolean {
  return isRetryable(thrown) || (thrown instanceof StoreRefusal && ofTheWay.includes(thrown.s3Code ?? ''));
}
