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
  const sendPart = async (piece: Piece): Promise<void> => {
    const adler = adlerOfPart(record, piece.number);
    // Just before it is sent, while other parts are on their way; with the Adler-32 of all, the first would wait for the last.
    const md5 = await file.md5Of(piece, signal);
    const url = session.url('upload_part', lfn, { partNumber: piece.number, sizeBytes: piece.length });
    const etag = await withRetries(
      () =>
        url.use(async (signed) => {
          let sent = 0;
          const before = async (bytes: number): Promise<void> => {
            await rate.take(bytes, signal);
            report(bytes);
            sent += bytes;
          };
          try {
            const body = (to: Parameters<typeof file.send>[0]): Promise<void> => file.send(to, piece, { adler, before });
            return await uploadPart(tools.http, `${lfn} (part ${piece.number})`, { signed, signal, body, length: piece.length, md5 });
          } catch (thrown) {
            report(-sent);
            throw thrown;
          }
        }),
      tools.retry,
      mayPassLater,
    );
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
