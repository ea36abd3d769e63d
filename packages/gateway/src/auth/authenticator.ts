import { DiracS3Error, type Identity } from '@dirac-s3/core';

/** What a request brings to prove who sent it. A further kind of credential is a further field here. */
export interface RequestFacts {
  /** Every `Authorization` header of the request, as sent. */
  readonly authorization: readonly string[];
}

/**
 * Proves who sent a request, or throws: `unauthenticated` when it cannot be proven, `gateway-unavailable` when it cannot
 * be judged now (an issuer's keys are out of reach). The message is for the caller, the cause for the log.
 */
export type Authenticator = (facts: RequestFacts) => Promise<Identity>;

/** A refusal: a short reason for the caller, and for the log what was found. */
export function refusal(publicReason: string, detail: unknown): DiracS3Error {
  return new DiracS3Error('unauthenticated', publicReason, { cause: detail instanceof Error ? detail : new Error(String(detail)) });
}
