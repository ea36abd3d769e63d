import { runAdaptive } from './adaptive-pool.js';
import { beginUpload } from './multipart-begin.js';
import { endMultipart, type WholeObject } from './multipart-end.js';
import { abortSession } from './multipart-give-up.js';
import type { MultipartTools } from './multipart-work.js';
import { partSizeOf, piecesOf, type Piece } from './part-plan.js';
import type { PutOptions } from './put-group.js';
import { UploadSession } from './upload-session.js';

/** Where the parts of an object come from. */
export interface PartMaker {
  /** Makes a part at the store; gives its ETag. */
  part(session: UploadSession, piece: Piece): Promise<string>;
  /** Throws what must keep the parts from becoming an object. */
  beforeEnd(): Promise<void>;
}

/**
 * A multipart upload of what lies elsewhere, from its begin to its end in this process: what is at another store can be read again, so that no
 * journal is kept. When it fails, nothing of it is left.
 *
 * @throws NoMultipart where there are no uploads in parts
 */
export async function uploadOnce(
  tools: Omit<MultipartTools, 'stateDirectory' | 'storageUrl'>,
  { object, maker, copied }: { readonly object: WholeObject; readonly maker: PartMaker; readonly copied: boolean },
  options: Pick<PutOptions, 'signal' | 'heads'>,
): Promise<void> {
  const { lfn, sizeBytes, checksum } = object;
  const { signal } = options;
  const partBytes = partSizeOf(sizeBytes, tools.partBytes);
  const pieces = piecesOf(sizeBytes, partBytes);
  const session = new UploadSession(tools, tools.multipart, await beginUpload(tools, { lfn, sizeBytes, checksum, partBytes, copied }));
  try {
    const etags = new Map<number, string>();
    await runAdaptive(pieces, { start: 3, most: tools.mostParts, now: tools.monotonic }, async (piece) => {
      signal?.throwIfAborted();
      etags.set(piece.number, await maker.part(session, piece));
    });
    await maker.beforeEnd();
    const parts = pieces.map(({ number }) => ({ number, etag: etags.get(number) ?? '' }));
    await endMultipart(tools, { session, parts, object }, options);
  } catch (thrown) {
    // Best effort: the fault that is told is the first one.
    await abortSession(tools, session, lfn).catch(() => undefined);
    throw thrown;
  }
}
