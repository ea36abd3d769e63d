import type { Failure } from '@dirac-s3/core';
import { sError } from '@dirac-s3/core/dirac-protocol';
import { errnoOf } from '../encode-answer.js';

/** Why one URL failed, as the original says it: a text that `S_ERROR` would have made, except for the decision of the catalog. */
export function outcomeText({ code, message }: Failure): string {
  if (code === 'permission-denied') return 'Permission denied';
  // The text of another DIRAC service has its number in it already.
  if (code === 'service-error') return message;
  return sError(errnoOf(code), message).Message;
}
