import { DiracS3Error } from '../errors/index.js';
import { withRetries } from './retry.js';
import { listPartsPage, type ListedPart } from './multipart-requests.js';
import { discard } from './multipart-give-up.js';
import { headOf, readRecord, uploadOf, type MultipartTools, type Underway, type Work } from './multipart-work.js';
import type { PartFile } from './part-file.js';
import { piecesOf } from './part-plan.js';
import { differenceOf } from './put-group.js';
import { mayPassLater } from './retry-transfer.js';
import { isRefusal } from './s3-error.js';
import { UploadSession } from './upload-session.js';
import { isSameSource, notedSums, type UploadJournal } from './transfer-journal.js';

/** What the journal knows, if it still fits; an upload of other bytes is aborted. */
export async function resumeMultipart(tools: MultipartTools, work: Work): Promise<Underway | 'stored' | undefined> {
  const { upload, file, journal, options } = work;
  const known = await journal.read();
  const record = await readRecord(work);
  if (known === undefined || record === undefined) return undefined;
  const same = record.storageElement === tools.storageElement && record.lfn === upload.lfn && isSameSource(record.source, file.mark);
  if (!same) {
    await discard(tools, work, record);
    return undefined;
  }
  const session = new UploadSession(tools, tools.multipart, uploadOf(record));
  try {
    await session.renew();
    const listed = await withRetries(
      () =>
        session.url('list_parts', upload.lfn).use((signed) => listPartsPage(tools.http, upload.lfn, { signed, signal: options.signal })),
      tools.retry,
      mayPassLater,
    );
    return { record, session, there: await arrivedParts(file, { record, done: known.done }, listed) };
  } catch (thrown) {
    const ended = thrown instanceof DiracS3Error && thrown.code === 'upload-ended';
    // Ceph says NoSuchKey. Whoever else answers 404, a proxy or a store without the bucket, does not know of the upload.
    const gone = ['NoSuchUpload', 'NoSuchKey'].some((s3Code) => isRefusal(thrown, s3Code));
    if (!ended && !gone) throw thrown;
    // Its end may have been reached by a process that never heard of it.
    if (differenceOf(upload.lfn, { sizeBytes: file.mark.sizeBytes, checksum: record.checksum }, await headOf(tools, work)) === undefined)
      return 'stored';
    if (ended) await discard(tools, work, record);
    else await journal.remove();
    return undefined;
  }
}

/**
 * A part counts when the store shows it with the size and the ETag of ours: what the store said when it came, or, where nobody heard that, the MD5
 * of the part when the upload began. Any other is not ours, and is sent again.
 */
async function arrivedParts(
  file: PartFile,
  { record, done }: { readonly record: UploadJournal; readonly done: ReadonlyMap<number, string> },
  listed: { readonly parts: readonly ListedPart[]; readonly truncated: boolean },
): Promise<ReadonlyMap<number, string>> {
  const there = new Map(listed.parts.map((part) => [part.number, part]));
  const last = Math.max(0, ...there.keys());
  const arrived = new Map<number, string>();
  for (const piece of piecesOf(record.source.sizeBytes, record.partBytes)) {
    const { number, length } = piece;
    const part = there.get(number);
    const noted = done.get(number);
    // Beyond the page the store gave, the journal is believed; the end of the upload finds out what is missing.
    if (part === undefined && listed.truncated && number > last && noted !== undefined) arrived.set(number, noted);
    if (part?.sizeBytes !== length) continue;
    const isSame = async (): Promise<boolean> => {
      const { adler, md5 } = notedSums(record, number);
      if (md5 !== undefined) return part.etag === md5;
      const sums = await file.sumOf(piece);
      return part.etag === sums.md5 && adler === sums.adler;
    };
    if (part.etag === noted || (await isSame())) arrived.set(number, part.etag);
  }
  return arrived;
}
