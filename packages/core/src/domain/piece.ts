/** A piece of a file or object: `number` counts from 1, as parts of uploads do. */
export interface Piece {
  readonly number: number;
  /** Bytes before it. */
  readonly start: number;
  readonly length: number;
}

/** The smallest part of an upload but the last one (S3, "Amazon S3 multipart upload limits"). */
export const minPartBytes = 5 * 1024 * 1024;

/** Parts of one upload. */
export const maxParts = 10_000;

/** Piece `number` of `sizeBytes` that are cut every `partBytes`, the last one shorter; undefined when there is none of that number. */
export function pieceOf(
  { sizeBytes, partBytes }: { readonly sizeBytes: number; readonly partBytes: number },
  number: number,
): Piece | undefined {
  const start = (number - 1) * partBytes;
  return number >= 1 && start < sizeBytes ? { number, start, length: Math.min(partBytes, sizeBytes - start) } : undefined;
}
