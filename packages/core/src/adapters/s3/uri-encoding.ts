/**
 * Percent-encoding as SigV4 wants it (RFC 3986: everything but letters, digits and `-._~`), in capital hexadecimal
 * digits; `encodeURIComponent` leaves five characters more.
 */
export function encodeUri(text: string): string {
  // Most texts are plain, which is seen in a fraction of the time.
  if (/^[A-Za-z0-9\-._~]*$/.test(text)) return text;
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A key in a path: encoded once, slashes kept, nothing normalised ("Signature Version 4", canonical URI of S3). */
export function encodeKey(key: string): string {
  if (/^[A-Za-z0-9\-._~/]*$/.test(key)) return key;
  return encodeUri(key).replaceAll('%2F', '/');
}
