import { S3Error } from '../errors.js';
import { type ObjectRecord } from '../object-files.js';
import { type ObjectOperation, type Reply, requireKeyLength, requireRights, unquote } from '../operation.js';
import { parameterOf } from '../store-request.js';

const overrides = ['content-type', 'content-language', 'expires', 'cache-control', 'content-disposition', 'content-encoding'] as const;

/** GetObject and HeadObject. */
export async function readObject(operation: ObjectOperation): Promise<Reply> {
  const { request, context, bucket, key } = operation;
  requireKeyLength(key, context);
  authorizeReading(operation);
  const found = await context.objects.open(bucket, key);
  if (!found) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  const { record, handle } = found;
  try {
    const headers = { ...objectHeaders(record), ...responseOverrides(operation) };
    if (notModified(operation, record)) {
      await handle.close();
      return { status: 304, headers };
    }
    const range = parseRange(operation, record.size);
    const body = { handle, start: range?.start ?? 0, length: range?.length ?? record.size };
    const length = { 'content-length': String(body.length) };
    if (request.method === 'HEAD') await handle.close();
    const content = request.method === 'HEAD' ? {} : { body };
    if (!range) return { status: 200, headers: { ...headers, ...length }, ...content };
    const contentRange = `bytes ${range.start}-${range.start + range.length - 1}/${record.size}`;
    return { status: 206, headers: { ...headers, ...length, 'content-range': contentRange }, ...content };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Without a signature only what is public; whether anything else exists is not told. */
function authorizeReading({ caller, context, bucket, key }: ObjectOperation): void {
  if (caller.credential === undefined && context.objects.find(bucket, key)?.acl === 'public-read') return;
  requireRights(caller, 'read', context);
}

export function objectHeaders(record: ObjectRecord): Record<string, string> {
  return {
    ...record.headers,
    etag: `"${record.etag}"`,
    'last-modified': new Date(record.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
  };
}

function responseOverrides({ request, caller, context }: ObjectOperation): Record<string, string> {
  const wanted = overrides.flatMap((name) => {
    const value = parameterOf(request, `response-${name}`);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (wanted.length > 0) requireRights(caller, 'read', context);
  if (wanted.some(([, value]) => /[^\t\x20-\x7e]/.test(value)))
    throw new S3Error('InvalidArgument', 'A header value has printable ASCII only.');
  return Object.fromEntries(wanted);
}

/** RFC 9110, section 13: conditions and their precedence. Dates compare in whole seconds, as Last-Modified has them. */
function notModified({ headers, context }: ObjectOperation, record: ObjectRecord): boolean {
  const modified = Math.floor(Date.parse(record.lastModified) / 1000) * 1000;
  const ifMatch = headers.get('if-match');
  const ifUnmodifiedSince = headers.get('if-unmodified-since');
  const same =
    ifMatch === undefined
      ? ifUnmodifiedSince === undefined || !(modified > Date.parse(ifUnmodifiedSince))
      : ifMatch === '*' || ifMatch.split(',').some((etag) => unquote(etag.trim()) === record.etag);
  context.checks.ensure('read-if-match', same, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifNoneMatch !== undefined) return ifNoneMatch === '*' || ifNoneMatch.split(',').some((etag) => unquote(etag.trim()) === record.etag);
  const ifModifiedSince = headers.get('if-modified-since');
  return ifModifiedSince !== undefined && modified <= Date.parse(ifModifiedSince);
}

/** One range of bytes; anything else is the whole object, as RFC 9110 allows. */
function parseRange({ headers, context }: ObjectOperation, size: number): { start: number; length: number } | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range') ?? '');
  const [, first = '', last = ''] = parts ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  const backwards = first !== '' && last !== '' && Number(last) < Number(first);
  if (backwards) return undefined;
  const satisfiable = start < size && end >= start;
  context.checks.ensure('range-satisfiable', satisfiable, 'InvalidRange', 'The requested range is not satisfiable.');
  return satisfiable ? { start, length: end - start + 1 } : undefined;
}
