import { Malformed } from './der.js';

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  readonly label: string;
  readonly der: Buffer;
}

/**
 * The blocks of a PEM text in their order; text around them is explanation (RFC 7468 5.2) and skipped. A block that begins and does not
 * end (a file half written), is encrypted or no base64 is a fault. Throws {@link Malformed}, which never quotes a block.
 */
export function readPem(text: string): readonly PemBlock[] {
  const blocks = [...text.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n([^-]*)^-----END \1-----[ \t]*\r?$/gm)];
  const begun = text.match(/^-----BEGIN /gm)?.length ?? 0;
  if (blocks.length !== begun) throw new Malformed('a PEM block is not whole');
  return blocks.map(([, label = '', body = '']) => ({ label, der: decode(body, label) }));
}

export function encodePem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/** The DER of a PEM text of one kind of blocks and at least one, or why it is none. */
export function decodePem(text: string, label: string): readonly Uint8Array[] | string {
  try {
    const blocks = readPem(text);
    const stranger = blocks.find((block) => block.label !== label);
    if (stranger) return `it holds a block ${stranger.label}`;
    return blocks.length === 0 ? `it holds no ${label}` : blocks.map(({ der }) => der);
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

function decode(body: string, label: string): Buffer {
  if (body.includes(':')) throw new Malformed(`the PEM block ${label} is encrypted or has headers`);
  const base64 = body.replace(/\s+/g, '');
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0 || der.toString('base64') !== base64) throw new Malformed(`the PEM block ${label} is not base64`);
  return der;
}
