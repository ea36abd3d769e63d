/** The head of an answer that is understood without doubt. */
export interface ResponseHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the body that comes. */
  readonly contentLength: number;
  /** The connection may be used again. */
  readonly keepAlive: boolean;
}

/** An answer, or a request, for a client that understands all of HTTP. */
export class UnfamiliarAnswer extends Error {
  /** When that much of the answer was understood. */
  readonly status: number | undefined;
  /** Nothing was asked. */
  readonly unsent: boolean;

  constructor(what: string, { status, unsent = false }: { readonly status?: number | undefined; readonly unsent?: boolean } = {}) {
    super(what);
    this.status = status;
    this.unsent = unsent;
  }
}

/** Heads of stores have some hundred bytes. */
const maxHeadBytes = 16 * 1024;

const statusLine = /^HTTP\/1\.1 ([2-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/**
 * Reads the head of an HTTP/1.1 answer whose body has a Content-Length, or that has none: to HEAD, and with the status 204 (RFC 9112, sections 2
 * to 6). On purpose it knows less than the standard:
 * folded or repeated lines, transfer codings, interim answers, other versions and whatever else leaves a doubt about where the body begins or
 * ends is unfamiliar.
 *
 * @returns the head and its length in bytes; undefined while it is not complete
 * @throws UnfamiliarAnswer
 */
export function parseResponseHead(bytes: Buffer, method = 'GET'): { readonly head: ResponseHead; readonly length: number } | undefined {
  const end = bytes.subarray(0, maxHeadBytes).indexOf('\r\n\r\n');
  if (end === -1) {
    if (bytes.length >= maxHeadBytes) throw new UnfamiliarAnswer('the head has no end');
    return undefined;
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const text = statusLine.exec(first)?.[1];
  if (text === undefined) throw new UnfamiliarAnswer('the status line');
  const status = Number(text);
  const headers = headersOf(lines, status);
  // Whatever the headers say, nothing comes behind these.
  const contentLength = method === 'HEAD' || status === 204 ? 0 : lengthOf(headers, status);
  // What follows in spite of that would be taken for the next answer.
  const announced = status === 204 && (headers.has('transfer-encoding') || (headers.get('content-length') ?? '0') !== '0');
  const keepAlive = !announced && (headers.get('connection') ?? 'keep-alive').toLowerCase() === 'keep-alive';
  return { head: { status, headers, contentLength, keepAlive }, length: end + 4 };
}

function headersOf(lines: readonly string[], status: number): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, written, value = ''] = headerLine.exec(line) ?? [];
    const name = written?.toLowerCase();
    if (name === undefined || headers.has(name) || name === 'upgrade') throw new UnfamiliarAnswer('a line of the head', { status });
    headers.set(name, value);
  }
  return headers;
}

function lengthOf(headers: ReadonlyMap<string, string>, status: number): number {
  const text = headers.get('content-length') ?? '';
  const length = Number(text);
  if (headers.has('transfer-encoding') || !/^\d{1,16}$/.test(text) || !Number.isSafeInteger(length))
    throw new UnfamiliarAnswer('the length of the body', { status });
  return length;
}
