import { DiracS3Error, errorKind, type ErrorCode } from '@dirac-s3/core';
import type { problemSchema } from '@dirac-s3/core/rest-api';
import type { z } from 'zod';

export type Problem = z.infer<typeof problemSchema>;
export const problemMediaType = 'application/problem+json';

/** RFC 9457 problem of an error. What is not ours shows nothing of itself: the request id finds it in the log. */
export function problemOf(thrown: unknown, requestId: string): Problem {
  const ours = errorOf(thrown);
  const kind = errorKind(ours.code);
  return {
    type: `urn:dirac-s3:problem:${ours.code}`,
    title: kind.title,
    status: kind.httpStatus,
    detail: ours.message,
    code: ours.code,
    errno: kind.errno,
    requestId,
  };
}

function errorOf(thrown: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (thrown instanceof DiracS3Error) return thrown;
  const code = bodyFaults.get(kindOf(thrown));
  if (code !== undefined) return { code, message: bodyMessages[code] };
  return { code: 'internal', message: 'the gateway failed; the request id finds the reason in its log' };
}

type BodyFault = 'request-too-large' | 'unsupported-media-type' | 'invalid-argument';

/** Faults of Express's body reader, by its stable `type`. */
const bodyFaults: ReadonlyMap<unknown, BodyFault> = new Map([
  ['entity.too.large', 'request-too-large'],
  ['encoding.unsupported', 'unsupported-media-type'],
  ['request.aborted', 'invalid-argument'],
  ['request.size.invalid', 'invalid-argument'],
]);

const bodyMessages: Readonly<Record<BodyFault, string>> = {
  'request-too-large': 'the body is larger than this gateway accepts',
  'unsupported-media-type': 'the body must be sent without Content-Encoding',
  'invalid-argument': 'the body is not complete',
};

function kindOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'type' in thrown ? thrown.type : undefined;
}
