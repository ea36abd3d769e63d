import type { Secret } from '@dirac-s3/core';

/** What a token says of itself, for display: nothing of it is verified here. */
export interface TokenFacts {
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

/** Reads the claims of a JWT (RFC 7519, section 3); a token that is none says nothing. */
export function tokenFacts(token: Secret): TokenFacts {
  const [, payload = '', ...rest] = token.reveal().split('.');
  if (rest.length !== 1) return {};
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
    const { iss, sub, exp } = claims;
    const ends = typeof exp === 'number' ? new Date(exp * 1000) : undefined;
    return {
      ...(typeof iss === 'string' && { issuer: iss }),
      ...(typeof sub === 'string' && { subject: sub }),
      ...(ends !== undefined && !Number.isNaN(ends.getTime()) && { expiresAt: ends }),
    };
  } catch {
    return {};
  }
}
