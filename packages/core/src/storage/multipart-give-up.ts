import type { Lfn } from '../domain/index.js';
import { abortUpload } from './multipart-requests.js';
import { sessionOf, type MultipartTools, type Work } from './multipart-work.js';
import type { RequestTools } from './object-requests.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import type { UploadJournal } from './transfer-journal.js';
import type { SessionTools } from './upload-session.js';

/** Best effort: an upload nobody may abort any more is left to the store's own rules. */
export async function discard(tools: MultipartTools, { journal }: Pick<Work, 'journal'>, record: UploadJournal): Promise<void> {
  await abandonUpload(tools, record).catch(() => undefined);
  await journal.remove();
}

/** Aborts the upload of a journal at the store. */
export async function abandonUpload(
  tools: RequestTools & SessionTools & Pick<MultipartTools, 'multipart'>,
  record: UploadJournal,
): Promise<void> {
  const session = sessionOf(tools, record);
  const lfn = record.lfn as Lfn;
  await withRetries(
    () => session.url('abort_multipart_upload', lfn).use((signed) => abortUpload(tools.http, lfn, { signed })),
    tools.retry,
    mayPassLater,
  );
}
