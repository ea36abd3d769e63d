import { S3Error } from './errors.js';

const unreserved = /[A-Za-z0-9\-._~]/;

/** Percent-decodes once, exactly; a `+` stays a `+`. @throws S3Error InvalidURI when it is no UTF-8 or a `%` stands alone. */
export function decodeUri(raw: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(raw))
    throw new S3Error('InvalidURI', 'A percent sign in the URI is not followed by two hexadecimal digits.');
  const bytes = Buffer.from(
    raw.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new S3Error('InvalidURI', 'The URI is not UTF-8.');
  }
}

/** `UriEncode` of the SigV4 specification: every byte but the unreserved characters (and, in a path, the slash). */
export function encodeUri(text: string, { keepSlash = false } = {}): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded +=
      unreserved.test(character) || (keepSlash && character === '/') ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
