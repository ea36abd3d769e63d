export { decodeJson, type DecodeLimits } from './decode-json.js';
export { encodeJson } from './encode-json.js';
export { strerror } from './errno.js';
export { DiracServiceError, parseResult, sError, sOk, type DiracResult } from './result.js';
export { CalendarDate, diracObject, isDiracArray, isDiracObject, type DiracObject, type DiracValue } from './value.js';
