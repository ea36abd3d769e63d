import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Error } from './errors.js';

/** A checksum in the making. */
export interface Digest {
  update(bytes: Buffer): void;
  /** May be asked once. */
  value(): Buffer;
}

/** The digest behind an `x-amz-checksum-…` header. @throws S3Error NotImplemented for an algorithm this store cannot verify. */
export function checksumDigest(headerName: string): Digest {
  const name = headerName.slice('x-amz-checksum-'.length);
  if (name === 'sha256' || name === 'sha1') return hashDigest(name);
  if (name === 'crc32') return crcDigest((bytes, state) => crc32(bytes, state));
  if (name === 'crc32c') return crcDigest(crc32c);
  throw new S3Error('NotImplemented', `This store cannot verify ${headerName}.`);
}

export function hashDigest(name: 'md5' | 'sha1' | 'sha256'): Digest {
  const hash: Hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), value: () => hash.digest() };
}

function crcDigest(step: (bytes: Buffer, state: number) => number): Digest {
  let state = 0;
  return {
    update: (bytes) => void (state = step(bytes, state)),
    value: () => {
      const value = Buffer.alloc(4);
      value.writeUInt32BE(state >>> 0);
      return value;
    },
  };
}

/** Castagnoli's polynomial, reflected. */
const crc32cTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let entry = index;
  for (let bit = 0; bit < 8; bit += 1) entry = entry & 1 ? (entry >>> 1) ^ 0x82f63b78 : entry >>> 1;
  return entry;
});

function crc32c(bytes: Buffer, state: number): number {
  let crc = ~state;
  for (const byte of bytes) crc = (crc >>> 8) ^ crc32cTable[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}
