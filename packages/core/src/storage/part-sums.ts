import type { LaneSums, Piece, Sums } from '../domain/index.js';

/** Of each of two rooms of a lane; with them, 2 MiB are in use. */
export const roomBytes = 128 * 1024;

export interface SumOptions {
  readonly signal?: AbortSignal | undefined;
  /** So many bytes more were summed. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Fills the buffer with what a piece has from `at`, as far as it goes; gives the number of bytes. */
export type ReadPiece = (buffer: Uint8Array, piece: Piece, at: number) => Promise<number>;

/** Sums pieces side by side, at most one for each lane: while their bytes are summed, the next ones of all are read. */
export async function sumSideBySide(
  lanes: LaneSums,
  pieces: readonly Piece[],
  { read, signal, onBytes }: SumOptions & { readonly read: ReadPiece },
): Promise<Sums[]> {
  const longest = Math.max(...pieces.map(({ length }) => length));
  const fill = (half: 0 | 1, at: number): Promise<number[]> => {
    signal?.throwIfAborted();
    const filled = pieces.map(async (piece, lane) => (at < piece.length ? read(lanes.room(lane, half), piece, at) : 0));
    return Promise.all(filled);
  };
  pieces.forEach((_, lane) => lanes.begin(lane));
  let next = fill(0, 0);
  for (let [at, half]: [number, 0 | 1] = [0, 0]; at < longest; half = half === 0 ? 1 : 0) {
    const lengths = await next;
    at += roomBytes;
    if (at < longest) {
      next = fill(half === 0 ? 1 : 0, at);
      // Whoever waits for it gets its fault.
      next.catch(() => undefined);
    }
    lanes.add(half, lengths);
    onBytes?.(lengths.reduce((sum, length) => sum + length, 0));
  }
  return pieces.map((_, lane) => lanes.end(lane));
}
