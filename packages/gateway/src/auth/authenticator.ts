import { DiracS3Error, type Identity } from '@dirac-s3/core';

/** What a request brings to prove who sent it. A further kind of credential is a further field here. */
export interface RequestFacts {
  /** Every `Authorization` header of the request, as sent. */
  readonly authorization: readonly string[];
  /** The certificates of the TLS connection in DER, in the order the client sent them (its own first); none over plain http. */
  readonly certificates: readonly Uint8Array[];
  /** DIRAC's `extraCredentials`, decoded: the group a caller claims, `hosts`, or `[DN, group]` of the user a service acts for. */
  readonly extraCredentials?: unknown;
}

/** Whoever called, after authentication and the service's `Authorization` rule for the method. */
export interface Caller {
  /** DIRAC's credential dictionary, as `whoami` answers it. */
  readonly credentials: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Undefined for callers that a rule lets in without being a user in a group: hosts and visitors. */
  readonly identity: Identity | undefined;
}

/**
 * Proves who sent a request and judges it by the rule `Authorization/<method>` (or `Default`), or throws: `unauthenticated` when
 * it cannot be proven or is not let in, `gateway-unavailable` when it cannot be judged now (an issuer's keys are out of reach).
 * The message is for the caller, the cause for the log.
 */
export type Authenticator = (facts: RequestFacts, method: string) => Promise<Caller>;

/** A refusal: a short reason for the caller, and for the log what was found. */
export function refusal(publicReason: string, detail: unknown): DiracS3Error {
  return new DiracS3Error('unauthenticated', publicReason, { cause: detail instanceof Error ? detail : new Error(String(detail)) });
}
