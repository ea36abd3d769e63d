import { combineAdler32, maxUploadBytes, sameAdler32, singleResult, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { MultipartUpload, NewMultipartUpload } from '../ports/index.js';
import type { MultipartTools, Underway, Work } from './multipart-work.js';
import { partSizeOf, piecesOf } from './part-plan.js';
import { refuseStored } from './put-group.js';
import type { UploadJournal } from './transfer-journal.js';
import { UploadSession } from './upload-session.js';

/** The store, or the gateway in front of it, gives no uploads in parts for this StorageElement. */
export class NoMultipart extends DiracS3Error {}

/** Sums the file, begins its upload, and writes the journal that goes on with it. */
export async function beginMultipart(tools: MultipartTools, work: Work): Promise<Underway> {
  const { upload, file, journal, options } = work;
  const { lfn, expectedChecksum } = upload;
  await refuseStored(tools, upload, options);
  const { sizeBytes } = file.mark;
  const partBytes = partSizeOf(sizeBytes, tools.partBytes);
  if (sizeBytes > maxUploadBytes) await refuseUnsafe(tools, { lfn, sizeBytes });
  let doneBytes = 0;
  const onBytes = (bytes: number): void =>
    options.onProgress?.({ lfn, phase: 'checksum', doneBytes: (doneBytes += bytes), totalBytes: sizeBytes });
  const pieces = piecesOf(sizeBytes, partBytes);
  const sums = await file.sumsOf(pieces, { signal: options.signal, onBytes });
  const checksum = pieces.reduce((sum, { length }, n) => combineAdler32(sum, sums[n]!.adler, length), '00000001');
  if (expectedChecksum !== undefined && !sameAdler32(expectedChecksum, checksum))
    throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of the file is ${checksum}, not ${expectedChecksum}`);
  const begun = await beginUpload(tools, { lfn, sizeBytes, partBytes, checksum });
  const record: UploadJournal = {
    version: 1,
    direction: 'upload',
    storageElement: tools.storageElement,
    lfn,
    path: upload.source.path,
    beganAt: tools.clock.now().toISOString(),
    source: file.mark,
    checksum,
    partBytes,
    parts: sums.map(({ adler, md5 }) => `${adler}:${md5}`),
    uploadId: begun.uploadId,
    uploadToken: begun.token,
    ...(upload.overwrite === true && { overwrite: true }),
    ...(upload.guid !== undefined && { guid: upload.guid }),
  };
  await journal.begin(record);
  return { record, session: new UploadSession(tools, tools.multipart, begun), there: new Map() };
}

/**
 * A file that cannot go in one request either is refused before it is read to its end, which may take many minutes: parts are signed where a PUT
 * is. The URL is used for nothing.
 */
async function refuseUnsafe(
  { urls, storageElement }: MultipartTools,
  { lfn, sizeBytes }: Pick<NewMultipartUpload, 'lfn' | 'sizeBytes'>,
): Promise<void> {
  const answer = await urls.presign({ storageElement, method: 'put_object', upload: 'put', items: [{ lfn, sizeBytes: 1 }] });
  if (answer.failed.get(lfn)?.code === 'upload-unsafe') throw noMultipart(lfn, tooLarge(sizeBytes, storageElement, 'upload-unsafe'));
}

function noMultipart(lfn: Lfn, why: string): NoMultipart {
  return new NoMultipart('upload-unsafe', `${lfn}: ${why}`);
}

const refusalsOfParts: readonly string[] = ['upload-unsafe', 'unsupported-operation', 'not-found', 'method-not-allowed'];

/** @throws NoMultipart */
export async function beginUpload(
  tools: Pick<MultipartTools, 'multipart' | 'storageElement'>,
  wanted: NewMultipartUpload,
): Promise<MultipartUpload> {
  try {
    return singleResult(await tools.multipart.begin(tools.storageElement, [wanted]));
  } catch (thrown) {
    if (!(thrown instanceof DiracS3Error) || !refusalsOfParts.includes(thrown.code)) throw thrown;
    throw noMultipart(wanted.lfn, tooLarge(wanted.sizeBytes, tools.storageElement, thrown.code));
  }
}

/** What an operator has to do before a file of this size can be sent. */
function tooLarge(sizeBytes: number, storageElement: string, refusal: string): string {
  const need = `${sizeBytes} bytes need an upload in parts, as one request carries at most ${maxUploadBytes} (5 GiB)`;
  if (refusal !== 'upload-unsafe')
    return (
      `${need}, and the gateway gives none for ${storageElement}: its operator has to update it, and to set SecretKeys in ` +
      '/Systems/DataManagement/Services/S3Gateway/UploadSessions'
    );
  return (
    `${need}, and ${storageElement} permits none, because its store honours unsigned headers: its operator has to set ` +
    `Aws_write_access_key_id and Aws_write_secret_access_key, keys that can only write, in the s3 section of /Resources/StorageElements/${storageElement} ` +
    'at the gateway, or UnsignedHeaders = refused where the store does refuse them'
  );
}
