import { crc32 } from 'node:zlib';
import { scopeOf, sha256, signingKey, signText, timestampOf } from './signer.js';
import type { Talk } from './talk.js';

const declared = {
  signed: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'signed-trailer': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'unsigned-trailer': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
} as const;

/** Frames and signs a stream by hand, wrong where `alter` says. */
export function chunkedBody(
  talk: Talk,
  key: string,
  options: {
    readonly scheme: keyof typeof declared;
    readonly content: string;
    readonly alter?: 'chunk' | 'truncate' | 'length' | 'trailer-signature' | 'checksum';
  },
): { headers: Record<string, string>; body: Buffer } {
  const { scheme, content, alter } = options;
  const date = new Date();
  const trailer = scheme !== 'signed';
  const { draft, headers, seed } = talk.signedHeaders('PUT', key, {
    date,
    payloadHash: declared[scheme],
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': String(content.length + (alter === 'length' ? 1 : 0)),
      ...(trailer ? { 'x-amz-trailer': 'x-amz-checksum-crc32' } : {}),
    },
  });
  const secret = signingKey(draft);
  let previous = seed;
  const signed = (kind: 'PAYLOAD' | 'TRAILER', hashes: readonly string[]): string => {
    previous = signText(secret, [`AWS4-HMAC-SHA256-${kind}`, timestampOf(date), scopeOf(draft), previous, ...hashes].join('\n'));
    return previous;
  };
  const frame = (piece: string): string => {
    const signature = scheme === 'unsigned-trailer' ? '' : `;chunk-signature=${signed('PAYLOAD', [sha256(''), sha256(piece)])}`;
    return `${piece.length.toString(16)}${signature}\r\n${piece}${piece === '' ? '' : '\r\n'}`;
  };
  const frames = [frame(content.slice(0, 65_536)), frame(content.slice(65_536)), frame('')];
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(alter === 'checksum' ? 'other' : content));
  const line = `x-amz-checksum-crc32:${sum.toString('base64')}`;
  const signature = alter === 'trailer-signature' ? '0'.repeat(64) : signed('TRAILER', [sha256(`${line}\n`)]);
  const tail = `${trailer ? `${line}\r\n` : ''}${scheme === 'signed-trailer' ? `x-amz-trailer-signature:${signature}\r\n` : ''}\r\n`;
  let text = frames.join('') + tail;
  if (alter === 'chunk') text = text.replace('aaaaa', 'aabaa');
  if (alter === 'truncate') text = frames[0]!;
  return { headers, body: Buffer.from(text) };
}
