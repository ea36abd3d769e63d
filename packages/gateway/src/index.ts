export { createApp, type AppDependencies } from './app.js';
export { createAuthenticator, type Authenticator, type AuthenticatorDependencies, type Caller, type RequestFacts } from './auth/index.js';
export { createLog, type Log, type LogOptions } from './ops/log.js';
export { createOpenApiDocument, operations, renderRestReference, type OpenApiDocument, type Operation } from './rest/index.js';
export { startServer, type ListenSettings, type RunningServer } from './server.js';
export type { Services } from './services.js';
