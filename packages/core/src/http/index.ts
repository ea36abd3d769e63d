export {
  answeredRequestChannel,
  createBodyClient,
  type AnsweredRequest,
  type BodyClient,
  type BodyClientOptions,
  type BodyRequest,
} from './body-client.js';
export { type BodyTaker } from './body-connection.js';
export { ConnectionFault, isAbort, systemCodeOf, type Unavailable } from './connection-fault.js';
export { type HttpAnswer } from './http-answer.js';
export { createHttpClient, type BodyWriter, type HttpClient, type HttpClientOptions, type HttpRequest } from './http-client.js';
export { UnfamiliarAnswer, type ResponseHead } from './response-head.js';
export { shortAnswerBytes, withShortRequests } from './short-requests.js';
export { createClientContext, type ClientCertificate, type TlsSettings } from './tls.js';
