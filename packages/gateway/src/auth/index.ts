export type { Authenticator, Caller, RequestFacts } from './authenticator.js';
export { identityFromRegistry, type ProvenClaim } from './identity-from-registry.js';
export { createTokenAuthenticator, type TokenAuthenticatorDependencies } from './token-authenticator.js';
