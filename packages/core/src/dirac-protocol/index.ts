export { decodeJson, type DecodeLimits } from './decode-json.js';
export { createDiracService, type CallOptions, type DiracService, type DiracServiceOptions } from './dirac-service.js';
export { encodeJson } from './encode-json.js';
export { strerror } from './errno.js';
export { DiracServiceError, parseResult, sError, sOk, type DiracError, type DiracOk, type DiracResult } from './result.js';
export { parseServiceUrl, type ServiceUrl } from './service-url.js';
export { CalendarDate, diracObject, isDiracArray, isDiracObject, type DiracObject, type DiracValue } from './value.js';
export { type ClientCertificate } from '../http/index.js';
