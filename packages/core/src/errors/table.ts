/**
 * Every way this product can refuse, in one table: the stable code, DIRAC's errno (`DErrno`), the HTTP status,
 * whether the same request may succeed later, and the title shown to people. `docs/reference/errors.md` is generated
 * from it, so a new row is all that a new error needs.
 */
export interface ErrorKind {
  /** `DErrno` or POSIX number a DIRAC client reads from `Errno`. */
  readonly errno: number;
  /** HTTP status when the whole request fails for this reason. */
  readonly httpStatus: number;
  /** True when repeating the identical request later can succeed. */
  readonly retryable: boolean;
  /** Short text of the problem, the same for every occurrence. */
  readonly title: string;
  /** What it means and what to do about it (one or two sentences, for the reference page). */
  readonly remedy: string;
}

const kind = (errno: number, httpStatus: number, retryable: boolean, title: string, remedy: string): ErrorKind => ({
  errno,
  httpStatus,
  retryable,
  title,
  remedy,
});

export const errorTable = {
  'invalid-argument': kind(
    22,
    400,
    false,
    'Invalid argument',
    'A value of the request is wrong; the message names the field and the fault.',
  ),
  'invalid-lfn': kind(
    22,
    400,
    false,
    'Invalid LFN',
    'The name is not a canonical LFN. It is refused, never repaired: another name would be another file.',
  ),
  'invalid-storage-url': kind(
    22,
    400,
    false,
    'Invalid storage URL',
    'The URL does not belong to this StorageElement: scheme, host, port or bucket differ.',
  ),
  'invalid-configuration': kind(
    22,
    500,
    false,
    'Invalid configuration',
    'An option is missing or wrong; the message names its path and where it was read.',
  ),
  'expiration-refused': kind(
    22,
    400,
    false,
    'Expiration refused',
    'The lifetime asked for is beyond the cap of this StorageElement and purpose. Ask for less.',
  ),
  'too-many-items': kind(
    7,
    413,
    false,
    'Too many items',
    'One request carries more LFNs than this gateway accepts, one listing would have more entries than it gives, or one change concerns more entries than it takes. Split it.',
  ),
  'request-too-large': kind(7, 413, false, 'Request too large', 'The body is larger than this gateway accepts. Split the request.'),
  'unsupported-media-type': kind(
    22,
    415,
    false,
    'Unsupported media type',
    'Send the body as application/json in UTF-8, without Content-Encoding.',
  ),
  unauthenticated: kind(
    1111,
    401,
    false,
    'Not authenticated',
    'No valid credential came with the request: present a current proxy or certificate, or a current token of a configured issuer.',
  ),
  'permission-denied': kind(13, 403, false, 'Permission denied', 'The File Catalog does not let this user do this operation on this LFN.'),
  'access-not-allowed': kind(
    13,
    403,
    false,
    'StorageElement does not allow this',
    'The StorageElement is banned for this operation or closed to the VO of the user.',
  ),
  'upload-unsafe': kind(
    95,
    403,
    false,
    'Upload by PUT is not safe here',
    'The store honours unsigned headers, so a PUT URL could read or publish other objects. Use the POST policy, or give the StorageElement a write-only key.',
  ),
  'upload-ended': kind(
    116,
    410,
    false,
    'Upload in parts has ended',
    'It was begun too long ago, or bound with a key this gateway does not have. Begin it again.',
  ),
  'unknown-storage-element': kind(
    2,
    404,
    false,
    'Unknown StorageElement',
    'No usable S3 StorageElement of that name is configured; a broken one is named in the start-up warnings.',
  ),
  'no-such-file': kind(2, 404, false, 'No such file or directory', 'The catalog or the store has no such name.'),
  'file-exists': kind(17, 409, false, 'File exists', 'The LFN is already registered or stored. Remove it first, or use another name.'),
  conflict: kind(17, 409, false, 'Conflict', 'The entry exists with other metadata, or its GUID belongs to another LFN.'),
  'directory-not-empty': kind(39, 409, false, 'Directory not empty', 'Remove what is in the directory first.'),
  'unsupported-protocol': kind(93, 400, false, 'Protocol not supported', 'The StorageElement cannot serve the protocol asked for.'),
  'unsupported-operation': kind(95, 400, false, 'Operation not supported', 'This operation does not exist here.'),
  'not-found': kind(2, 404, false, 'No such resource', 'The path is not part of the API.'),
  'method-not-allowed': kind(95, 405, false, 'Method not allowed', 'The path exists, but not with this HTTP method.'),
  'catalog-unavailable': kind(
    1604,
    503,
    true,
    'File Catalog unavailable',
    'The catalog did not answer, or not for every name; whatever it did not answer for is refused.',
  ),
  'gateway-unavailable': kind(
    1112,
    503,
    true,
    'S3Gateway unavailable',
    'No configured gateway answered. Check the URL and the network, then try again.',
  ),
  'service-unavailable': kind(
    1110,
    503,
    true,
    'DIRAC service unavailable',
    'No configured URL of the service answered, or not as DIRAC does. Check URL, certificate and network, then try again.',
  ),
  'service-error': kind(
    1110,
    502,
    false,
    'DIRAC service refused',
    "A DIRAC service answered with an error; number and message are the service's own.",
  ),
  'storage-unavailable': kind(
    70,
    502,
    true,
    'Storage unavailable',
    'The store did not answer, broke off, or answered with an error of its own. Nothing was registered.',
  ),
  'storage-refused': kind(
    13,
    502,
    false,
    'Storage refused',
    'The store refused a signed request: expired, altered, or credentials it does not accept.',
  ),
  'checksum-mismatch': kind(
    1603,
    422,
    false,
    'Checksum mismatch',
    'The bytes are not those that were announced. Nothing is registered, nothing is renamed into place.',
  ),
  'size-mismatch': kind(
    1601,
    422,
    false,
    'Size mismatch',
    'The number of bytes differs from what was announced. Nothing is registered, nothing is renamed into place.',
  ),
  'registration-failed': kind(
    1604,
    500,
    true,
    'Registration failed',
    'The object is stored but not in the catalog. The message says how to finish or undo it.',
  ),
  'local-file': kind(5, 400, false, 'Local file', 'A local file cannot be read or written; the message names it and says why.'),
  cancelled: kind(
    125,
    400,
    false,
    'Cancelled',
    'The caller stopped the operation before this item was done. Nothing of it was registered.',
  ),
  timeout: kind(110, 504, true, 'Timed out', 'The other side did not finish in time. Try again.'),
  internal: kind(1, 500, false, 'Internal error', 'A fault of this program. The request id finds it in the log.'),
} as const satisfies Record<string, ErrorKind>;

/** Stable name of an error; API answers and logs carry it, programs may compare it. */
export type ErrorCode = keyof typeof errorTable;

export function errorKind(code: ErrorCode): ErrorKind {
  return errorTable[code];
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text);
}
