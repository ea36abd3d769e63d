import type { Lfn } from '../domain/index.js';
import type { MultipartUpload, MultipartUploads } from '../ports/index.js';
import { metadataOf } from './object-metadata.js';
import { headObject, type RequestTools } from './object-requests.js';
import type { PartFile } from './part-file.js';
import type { PutOptions } from './put-group.js';
import type { RateLimit } from './rate-limit.js';
import type { Journal, UploadJournal } from './transfer-journal.js';
import type { ObjectMetadata, Upload } from './types.js';
import type { UploadSession, SessionTools } from './upload-session.js';

export interface MultipartTools extends RequestTools, SessionTools {
  readonly multipart: MultipartUploads;
  readonly partBytes: number;
  readonly mostParts: number;
  readonly stateDirectory: string | undefined;
  readonly monotonic: () => number;
  readonly storageUrl: (lfn: Lfn) => string;
}

export interface MultipartOptions extends PutOptions {
  readonly rate: RateLimit;
}

export type FileUpload = Upload & { readonly source: { readonly path: string } };

export interface Work {
  readonly upload: FileUpload;
  readonly file: PartFile;
  readonly journal: Journal;
  readonly options: MultipartOptions;
}

export interface Underway {
  readonly record: UploadJournal;
  readonly session: UploadSession;
  /** ETags of the parts the store has. */
  readonly there: ReadonlyMap<number, string>;
}

export async function readRecord({ journal }: Work): Promise<UploadJournal | undefined> {
  const known = await journal.read();
  return known?.record.direction === 'upload' ? known.record : undefined;
}

/** As far as a journal knows it: how long its token is good for is not written there. */
export function uploadOf({ lfn, uploadId, uploadToken }: UploadJournal): MultipartUpload {
  return { lfn: lfn as Lfn, uploadId, token: uploadToken, expiresAt: new Date(0) };
}

/** What the store has under the name. */
export async function headOf(
  tools: RequestTools,
  { upload: { lfn }, options }: { readonly upload: { readonly lfn: Lfn }; readonly options: Pick<PutOptions, 'heads'> },
): Promise<ObjectMetadata | undefined> {
  const answer = await headObject(tools, lfn, await options.heads.urlOf(lfn));
  return answer && metadataOf(answer);
}
