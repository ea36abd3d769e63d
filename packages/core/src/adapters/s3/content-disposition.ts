import { encodeUri } from './uri-encoding.js';

/**
 * Makes a browser save instead of display, under this name: RFC 6266, with the RFC 8187 form for what is not plain
 * ASCII. The plain form is for old clients; quote, backslash and percent are replaced in it, since readers differ.
 */
export function attachmentNamed(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeUri(name)}`;
}
