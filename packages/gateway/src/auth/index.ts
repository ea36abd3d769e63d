export type { Authenticator, Caller, RequestFacts } from './authenticator.js';
export { createAuthenticator, type AuthenticatorDependencies } from './create-authenticator.js';
