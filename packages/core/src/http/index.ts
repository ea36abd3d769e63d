export { ConnectionFault, isAbort, systemCodeOf, type Unavailable } from './connection-fault.js';
export { type HttpAnswer } from './http-answer.js';
export { createHttpClient, type BodyWriter, type HttpClient, type HttpClientOptions, type HttpRequest } from './http-client.js';
export { createClientContext, type ClientCertificate, type TlsSettings } from './tls.js';
