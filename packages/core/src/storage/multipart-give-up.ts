import { singleResult, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { MultipartUpload } from '../ports/index.js';
import { abortUpload } from './multipart-requests.js';
import { uploadOf, type MultipartTools, type Work } from './multipart-work.js';
import type { RequestTools } from './object-requests.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import type { UploadJournal } from './transfer-journal.js';
import { UploadSession, type SessionTools } from './upload-session.js';

export type GiveUpTools = RequestTools & SessionTools & Pick<MultipartTools, 'multipart'>;

/**
 * Aborts the upload of a journal and forgets it. One that nobody may abort any more is left to the store's own rules.
 *
 * @throws a fault that may pass; then the journal stays, so that the parts are found again
 */
export async function discard(tools: GiveUpTools, { journal }: Pick<Work, 'journal'>, record: UploadJournal): Promise<void> {
  await abandonUpload(tools, record).catch((thrown: unknown) => {
    if (mayPassLater(thrown)) throw thrown;
  });
  await journal.remove();
}

/**
 * Aborts the upload of a journal at the store. Where its token is too old, or of a gateway that is no more, the upload is looked for, and when
 * it is not to be found there is nothing left to abort.
 */
export async function abandonUpload(tools: GiveUpTools, record: UploadJournal): Promise<void> {
  const upload = uploadOf(record);
  try {
    await giveUp(tools, upload);
  } catch (thrown) {
    if (!(thrown instanceof DiracS3Error) || thrown.code !== 'upload-ended') throw thrown;
    const found = singleResult(await tools.multipart.find(tools.storageElement, [upload.lfn]));
    const same = found.find(({ lfn, uploadId }) => lfn === upload.lfn && uploadId === upload.uploadId);
    if (same !== undefined) await giveUp(tools, same);
  }
}

/** Aborts an upload at the store. One that is gone is given up. */
export function giveUp(tools: GiveUpTools, upload: MultipartUpload): Promise<void> {
  return abortSession(tools, new UploadSession(tools, tools.multipart, upload), upload.lfn);
}

export function abortSession({ http, retry }: RequestTools, session: UploadSession, lfn: Lfn): Promise<void> {
  const url = session.url('abort_multipart_upload', lfn);
  return withRetries(() => url.use((signed) => abortUpload(http, lfn, { signed })), retry, mayPassLater);
}
