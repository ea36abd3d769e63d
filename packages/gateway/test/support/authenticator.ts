import type { IssuerSettings, Registry } from '@dirac-s3/core/config';
import { createAuthenticator, type Authenticator } from '../../src/auth/index.js';
import { closedAuthentication, registry as usualRegistry } from './settings.js';

/** Judges tokens alone; nobody is asked for a certificate. */
export function tokenAuthenticator(
  issuers: readonly IssuerSettings[],
  { now, registry = usualRegistry }: { readonly now?: Date; readonly registry?: Registry } = {},
): Promise<Authenticator> {
  const trust = () => Promise.reject(new Error('nobody asks for authorities here'));
  return createAuthenticator({ settings: closedAuthentication, issuers, registry, trust, clock: { now: () => now ?? new Date() } });
}
