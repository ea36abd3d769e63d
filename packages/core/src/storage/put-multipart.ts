import { DiracS3Error } from '../errors/index.js';
import { beginMultipart } from './multipart-begin.js';
import { discard } from './multipart-give-up.js';
import { resumeMultipart } from './multipart-resume.js';
import { sendParts } from './multipart-send.js';
import { headOf, readRecord, type FileUpload, type MultipartOptions, type MultipartTools, type Work } from './multipart-work.js';
import { openUploadJournal, stoppedFault } from './open-journal.js';
import { PartFile } from './part-file.js';
import { differenceOf } from './put-group.js';
import { isRefusal } from './s3-error.js';
import type { UploadJournal } from './transfer-journal.js';
import type { StoredObject } from './types.js';

/**
 * Sends a file in parts: sums it, begins the upload, sends what the store does not have yet, and calls it stored when the store says its size
 * and checksum. What was done is kept in a journal, and the same call goes on with it, in this process or a later one.
 */
export async function putMultipart(tools: MultipartTools, upload: FileUpload, options: MultipartOptions): Promise<StoredObject> {
  const { lfn, source } = upload;
  const file = await PartFile.open(source.path);
  try {
    const { journal, unlock } = await openUploadJournal(source.path, { ...tools, lfn, ...options });
    try {
      return await transfer(tools, { upload, file, journal, options });
    } catch (thrown) {
      throw options.signal?.aborted === true ? await stoppedFault(lfn, source.path, journal) : thrown;
    } finally {
      await unlock();
    }
  } finally {
    await file.close();
  }
}

async function transfer(tools: MultipartTools, work: Work): Promise<StoredObject> {
  // An upload that is gone at the store, or lost parts there, is begun anew once.
  for (let attempt = 1; ; attempt += 1) {
    const resumed = await resumeMultipart(tools, work);
    if (resumed === 'stored') return finish(tools, work, (await readRecord(work))!);
    const { record, session, there } = resumed ?? (await beginMultipart(tools, work));
    try {
      await sendParts(tools, work, { record, session, there });
      return await finish(tools, work, record);
    } catch (thrown) {
      const gone = isRefusal(thrown, 'NoSuchUpload') || isRefusal(thrown, 'InvalidPart');
      // Without a journal nobody could go on with it.
      const lost = isChange(thrown) || (await work.journal.read()) === undefined;
      // The fault that is told is the first one.
      if (gone || lost) await discard(tools, work, record).catch(() => undefined);
      if (!gone || attempt > 1) throw thrown;
    }
  }
}

function isChange(thrown: unknown): boolean {
  return thrown instanceof DiracS3Error && (thrown.code === 'checksum-mismatch' || thrown.code === 'size-mismatch');
}

async function finish(tools: MultipartTools, work: Work, record: UploadJournal): Promise<StoredObject> {
  const { lfn } = work.upload;
  const { sizeBytes } = record.source;
  const difference = differenceOf(lfn, { sizeBytes, checksum: record.checksum }, await headOf(tools, work));
  if (difference !== undefined) throw difference;
  await work.journal.remove();
  return { sizeBytes, checksum: record.checksum, pfn: tools.storageUrl(lfn) };
}
