import { DiracS3Error, errorKind, type ErrorCode } from '@dirac-s3/core';
import { encodeJson, sError, type DiracError, type DiracResult } from '@dirac-s3/core/dirac-protocol';
import type { Response } from 'express';
import { sendWhole } from '../send-whole.js';
import { HttpRefusal, type RefusalStatus } from './http-refusal.js';

/** Writes an answer as the original does: JSON in Python's spacing and in plain ASCII, without a charset. */
export function sendResult(response: Response, result: DiracResult): void {
  response.setHeader('Content-Type', 'application/json');
  sendWhole(response, Buffer.from(encodeJson(result)));
}

/**
 * What a fault becomes. The caller's is an S_ERROR with status 200: of any other status than 401 and 501 the client takes the whole URL for broken,
 * and asks the next gateway the same. A fault of this gateway is such a status, so that the next one is asked.
 */
export function answerOfFault(thrown: unknown): DiracError | HttpRefusal {
  if (thrown instanceof HttpRefusal) return thrown;
  if (thrown instanceof DiracS3Error) {
    if (thrown.code === 'unauthenticated') return new HttpRefusal(401, thrown.message, { cause: thrown.cause });
    const status = ownFaults[thrown.code];
    return status === undefined ? sError(errnoOf(thrown.code), thrown.message) : new HttpRefusal(status, thrown.message, { cause: thrown });
  }
  if (kindOf(thrown) === 'entity.too.large')
    return sError(errorKind('request-too-large').errno, 'the body is larger than this gateway accepts');
  // Other faults of the body reader: broken off, or in an encoding nobody sends.
  return statusOf(thrown) === undefined
    ? new HttpRefusal(500, 'internal fault', { cause: thrown })
    : new HttpRefusal(400, 'the body cannot be read');
}

/** Faults another gateway may not have. */
const ownFaults: Partial<Record<ErrorCode, RefusalStatus>> = {
  internal: 500,
  'invalid-configuration': 500,
  'gateway-unavailable': 503,
  'catalog-unavailable': 503,
  'service-unavailable': 503,
  'storage-unavailable': 502,
  timeout: 504,
};

/** The number of an error for DIRAC clients. */
export function errnoOf(code: ErrorCode): number {
  // The original breaks off with a KeyError; for a caller the argument is what is wrong.
  return code === 'unknown-storage-element' ? 22 : errorKind(code).errno;
}

/** Type and status of the errors of Express's body reader. */
function kindOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'type' in thrown ? thrown.type : undefined;
}

function statusOf(thrown: unknown): number | undefined {
  const status = typeof thrown === 'object' && thrown !== null && 'status' in thrown ? thrown.status : undefined;
  return typeof status === 'number' && status < 500 ? status : undefined;
}
