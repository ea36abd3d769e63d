import type { PresignedUrl } from '../domain/index.js';
import type { BodyWriter } from '../http/index.js';
import { runAdaptive } from './adaptive-pool.js';
import { endMultipart } from './multipart-end.js';
import { isOtherBytes, uploadPart } from './multipart-requests.js';
import type { MultipartTools, Underway, Work } from './multipart-work.js';
import { piecesOf, type Piece } from './part-plan.js';
import { refuseStored } from './put-group.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import { notedSums } from './transfer-journal.js';

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
    const noted = notedSums(record, piece.number);
    const sums = noted.md5 === undefined ? await file.verify(piece, noted, signal) : { adler: noted.adler, md5: noted.md5 };
    const url = session.url('upload_part', lfn, { partNumber: piece.number, sizeBytes: piece.length });
    const sendOnce = async (signed: PresignedUrl): Promise<string> => {
      let sent = 0;
      async function* pass(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
        for await (const slice of rate.pass(bytes, signal)) {
          report(slice.length);
          sent += slice.length;
          yield slice;
        }
      }
      const body = (to: BodyWriter): Promise<void> => file.send(to, piece, pass);
      try {
        const what = `${lfn} (part ${piece.number})`;
        const { etag, compared } = await uploadPart(tools.http, what, { signed, signal, body, length: piece.length, md5: sums.md5 });
        // Not every store verifies what is announced to it.
        if (!compared && !(await file.isUntouched())) await file.verify(piece, sums, signal);
        return etag;
      } catch (thrown) {
        report(-sent);
        // Either the file is another one now, which no retry changes, or its bytes were damaged on their way.
        if (isOtherBytes(thrown)) await file.verify(piece, sums, signal);
        throw thrown;
      }
    };
    const etag = await withRetries(() => url.use(sendOnce), { ...tools.retry, signal }, mayPassLater);
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
