import { maxParts, maxUploadBytes, minPartBytes, pieceOf, type Piece } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';

export type { Piece };

/**
 * Size of the parts of an upload: the preferred one, larger where the file would need more than 10 000 of them, in whole MiB.
 *
 * @throws local-file for a file that no store takes in parts either
 */
export function partSizeOf(sizeBytes: number, preferredBytes: number): number {
  const mebibyte = 1024 * 1024;
  const needed = Math.ceil(sizeBytes / maxParts / mebibyte) * mebibyte;
  const size = Math.max(minPartBytes, preferredBytes, needed);
  if (size > maxUploadBytes) throw new DiracS3Error('local-file', `${sizeBytes} bytes are more than 10 000 parts of 5 GiB can carry`);
  return size;
}

/** Cuts `sizeBytes` into pieces of `pieceBytes`, the last one shorter. */
export function piecesOf(sizeBytes: number, pieceBytes: number): Piece[] {
  return Array.from({ length: Math.ceil(sizeBytes / pieceBytes) }, (_, n) => pieceOf({ sizeBytes, partBytes: pieceBytes }, n + 1)!);
}
