import { Busboy } from '@fastify/busboy';

/** Fields of a form; of several with one name the last counts, as in Tornado. */
export type Form = ReadonlyMap<string, string>;

/** DIRAC sends five. */
const maxFields = 100;
/** Nothing that DIRAC sends is multipart. */
const maxMultipartBytes = 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a form as Tornado does: `application/x-www-form-urlencoded`, or `multipart/form-data` (up to 1 MiB). Undefined for any other type and for
 * what is no form in UTF-8: a replaced character would be another LFN.
 */
export async function readForm(body: Uint8Array, contentType: string | undefined): Promise<Form | undefined> {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  try {
    if (type === 'application/x-www-form-urlencoded') return readUrlEncoded(body);
    if (type === 'multipart/form-data' && body.length <= maxMultipartBytes) return await readMultipart(body, contentType ?? '');
  } catch {
    return undefined;
  }
  return undefined;
}

/** The fields of a query string or of an urlencoded body. Throws for bytes that are not UTF-8, and for more fields than any form has. */
export function readUrlEncoded(bytes: Uint8Array): Form {
  const form = new Map<string, string>();
  let fields = 0;
  for (let start = 0; start < bytes.length;) {
    const amp = bytes.indexOf(0x26, start);
    const end = amp === -1 ? bytes.length : amp;
    const equals = bytes.subarray(start, end).indexOf(0x3d);
    if (equals > 0) form.set(decoded(bytes.subarray(start, start + equals)), decoded(bytes.subarray(start + equals + 1, end)));
    if (++fields > maxFields) throw new RangeError('too many fields');
    start = end + 1;
  }
  return form;
}

/** `+` is a blank and `%XX` a byte; a `%` before anything else stands for itself, as in Python's `parse_qs`. */
function decoded(bytes: Uint8Array): string {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    const escaped = byte === 0x25 ? hexByte(bytes[at + 1], bytes[at + 2]) : undefined;
    if (escaped !== undefined) at += 2;
    plain[length++] = escaped ?? (byte === 0x2b ? 0x20 : byte);
  }
  return utf8.decode(plain.subarray(0, length));
}

function hexByte(high: number | undefined, low: number | undefined): number | undefined {
  const value = hexDigit(high) * 16 + hexDigit(low);
  return Number.isNaN(value) ? undefined : value;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return Number.NaN;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}

function readMultipart(body: Uint8Array, contentType: string): Promise<Form> {
  // The parser would replace what is not UTF-8.
  utf8.decode(body);
  const form = new Map<string, string>();
  return new Promise((resolve, reject) => {
    const parser = new Busboy({
      headers: { 'content-type': contentType },
      limits: { fields: maxFields, parts: maxFields, fieldSize: maxMultipartBytes, headerPairs: 10 },
    });
    const refuse = (): void => reject(new RangeError('too many fields, or a field is too long'));
    parser.on('field', (name, value, nameCut, valueCut) => {
      if (nameCut || valueCut) refuse();
      form.set(name, value);
    });
    parser.on('fieldsLimit', refuse).on('partsLimit', refuse).on('error', reject);
    parser.on('finish', () => resolve(form));
    parser.end(body);
  });
}
