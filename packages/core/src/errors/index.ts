export { DiracS3Error, failure, failureOf, toError, type Failure } from './dirac-s3-error.js';
export { errorKind, errorTable, isErrorCode, type ErrorCode, type ErrorKind } from './table.js';
export { redact } from './redact.js';
export { ourCommand } from './our-command.js';
