import { types } from 'node:util';
import { DiracS3Error } from '../../../errors/index.js';

const accountFaults: ReadonlySet<string> = new Set([
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
]);
const schemaFaults: ReadonlySet<string> = new Set([
  'ER_BAD_DB_ERROR',
  'ER_NO_SUCH_TABLE',
  'ER_BAD_FIELD_ERROR',
  // Spelled so by the server: an index that is named is gone.
  'ER_KEY_DOES_NOT_EXITS',
]);
/** MariaDB's own numbers, for which the driver knows no name: 1969 ER_STATEMENT_TIMEOUT, 1927 ER_CONNECTION_KILLED. */
const slowFaults: ReadonlySet<string> = new Set([
  'error 1969',
  'ER_STATEMENT_TIMEOUT',
  'ER_QUERY_TIMEOUT',
  'ETIMEDOUT',
  'PROTOCOL_SEQUENCE_TIMEOUT',
]);
const lostFaults: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'error 1927',
]);

/** The driver's messages quote SQL, names and accounts: only its code goes on. What is not the driver's stays as it is. */
export function translated(thrown: unknown): unknown {
  if (thrown instanceof DiracS3Error) return thrown;
  const code = codeOf(thrown);
  if (code === undefined) return thrown;
  if (slowFaults.has(code)) return new DiracS3Error('timeout', `the file catalog database was too slow (${code})`);
  return new DiracS3Error('catalog-unavailable', `the file catalog database ${faultOf(thrown, code)} (${code})`);
}

/** The layout may have changed, or the wrong database may have been mended: to be detected anew. */
export function concernsSchema(thrown: unknown): boolean {
  return schemaFaults.has(codeOf(thrown) ?? '') || accountFaults.has(codeOf(thrown) ?? '');
}

export function isLostConnection(thrown: unknown): boolean {
  return lostFaults.has(codeOf(thrown) ?? '');
}

function faultOf(thrown: unknown, code: string): string {
  if (accountFaults.has(code)) return 'refuses the account';
  if (schemaFaults.has(code)) return 'is not laid out as a FileCatalogDB of DIRAC';
  return isRefusal(thrown) ? 'failed' : 'cannot be reached';
}

/** Whether the server itself said so: its errors have an SQL state. */
function isRefusal(thrown: unknown): boolean {
  return types.isNativeError(thrown) && 'sqlState' in thrown && typeof thrown.sqlState === 'string';
}

/** Errors without a code that the driver makes too ("closed state", "Queue limit reached") are known by being fatal or by their words. */
function codeOf(thrown: unknown): string | undefined {
  if (!types.isNativeError(thrown)) return undefined;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  if ('errno' in thrown && typeof thrown.errno === 'number') return `error ${thrown.errno}`;
  if ('fatal' in thrown || /closed state|Queue limit|Pool is closed/.test(thrown.message)) return 'connection closed';
  return undefined;
}
