import type { PresignedUrl } from '../domain/index.js';
import type { BodyWriter } from '../http/index.js';
import { runAdaptive } from './adaptive-pool.js';
import { endMultipart } from './multipart-end.js';
import { uploadPart } from './multipart-requests.js';
import { adlerOfPart, type MultipartTools, type Underway, type Work } from './multipart-work.js';
import { piecesOf, type Piece } from './part-plan.js';
import { refuseStored } from './put-group.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';

export async function sendParts(
  tools: MultipartTools,
  { upload, file, journal, options }: Work,
  { record, session, there }: Underway,
): Promise<void> {
  const { lfn } = upload;
  const { signal, onProgress, rate } = options;
  const { sizeBytes } = record.source;
  const pieces = piecesOf(sizeBytes, record.partBytes);
  const etags = new Map(there);
  let doneBytes = pieces.reduce((sum, { number, length }) => sum + (there.has(number) ? length : 0), 0);
  const report = (bytes: number): void => onProgress?.({ lfn, phase: 'transfer', doneBytes: (doneBytes += bytes), totalBytes: sizeBytes });
  report(0);
  // Read once, a part is summed while it is sent, and the store's answer compared. Where that tells nothing (encryption by KMS), the part goes again,
  // and all that follow, with the MD5 before it, for the store to verify.
  let announce = false;
  const sendPart = async (piece: Piece): Promise<void> => {
    const adler = adlerOfPart(record, piece.number);
    const url = session.url('upload_part', lfn, { partNumber: piece.number, sizeBytes: piece.length });
    const sendOnce = async (signed: PresignedUrl): Promise<string> => {
      const announced = announce ? await file.md5Of(piece, signal) : undefined;
      let [sent, md5] = [0, ''];
      const before = async (bytes: number): Promise<void> => {
        await rate.take(bytes, signal);
        report(bytes);
        sent += bytes;
      };
      const body = async (to: BodyWriter): Promise<void> => void (md5 = await file.send(to, piece, { adler, before }));
      try {
        const what = `${lfn} (part ${piece.number})`;
        const stored = await uploadPart(tools.http, what, { signed, signal, body, length: piece.length, md5: announced ?? (() => md5) });
        if (stored.compared || announced !== undefined) return stored.etag;
      } catch (thrown) {
        report(-sent);
        throw thrown;
      }
      announce = true;
      report(-sent);
      return sendOnce(signed);
    };
    const etag = await withRetries(() => url.use(sendOnce), tools.retry, mayPassLater);
    etags.set(piece.number, etag);
    await journal.done({ number: piece.number, check: etag });
  };
  const missing = pieces.filter(({ number }) => !there.has(number));
  await runAdaptive(missing, { start: 3, most: tools.mostParts, now: tools.monotonic }, async (piece) => {
    signal?.throwIfAborted();
    await sendPart(piece);
  });
  // Somebody else may have stored the name meanwhile.
  await refuseStored(tools, upload, options);
  const parts = pieces.map(({ number }) => ({ number, etag: etags.get(number) ?? '' }));
  await endMultipart(tools, { session, parts, object: { lfn, sizeBytes, checksum: record.checksum } }, options);
}
