import type { ListMultipartUploadsCommandInput, MultipartUpload } from '@aws-sdk/client-s3';
import { DiracS3Error } from '../../errors/index.js';
import type { CredentialsProvider, UnfinishedUpload, UploadFinder } from '../../ports/index.js';
import { openStoreClient, reasonOf, statusOf, type StoreClient } from './s3-client.js';

export interface UploadFinderOptions {
  readonly credentials: CredentialsProvider;
  /** A store that is silent for so long is given up. Default 20. */
  readonly timeoutSeconds?: number;
}

/** Finds unfinished uploads by the store's ListMultipartUploads, page by page. */
export function createUploadFinder({ credentials, timeoutSeconds = 20 }: UploadFinderOptions): UploadFinder {
  return {
    async find({ storageElement, bucket, key }, most) {
      const { name } = storageElement;
      const keys = credentials.credentialsOf(name, 'main');
      if (keys === undefined) throw new DiracS3Error('storage-unavailable', `this process has no credentials of ${name}`);
      const store = await openStoreClient(storageElement, keys, timeoutSeconds);
      const found: UnfinishedUpload[] = [];
      try {
        // The prefix also matches longer names beside this one.
        for await (const uploads of pagesOf(store, { Bucket: bucket, Prefix: key })) {
          found.push(...uploads.flatMap(unfinished).filter((upload) => upload.key === key || upload.key.startsWith(`${key}/`)));
          if (found.length > most)
            throw new DiracS3Error('too-many-items', `more than ${most} uploads in parts are under way below /${key}`);
        }
        return found;
      } catch (fault) {
        if (fault instanceof DiracS3Error) throw fault;
        const status = statusOf(fault);
        const kind = status === undefined || status === 429 || status >= 500 ? 'storage-unavailable' : 'storage-refused';
        throw new DiracS3Error(kind, `${name}: its uploads in parts cannot be listed: ${reasonOf(fault)}`);
      } finally {
        store.client.destroy();
      }
    },
  };
}

/** The SDK has no paginator for it. */
async function* pagesOf(
  { sdk, client }: StoreClient,
  place: Pick<ListMultipartUploadsCommandInput, 'Bucket' | 'Prefix'>,
): AsyncGenerator<readonly MultipartUpload[], void> {
  let marker: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> = {};
  for (;;) {
    const page = await client.send(new sdk.ListMultipartUploadsCommand({ ...place, ...marker }));
    yield page.Uploads ?? [];
    const { IsTruncated: more = false, NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
    if (!more) return;
    if (KeyMarker === undefined || (KeyMarker === marker.KeyMarker && UploadIdMarker === marker.UploadIdMarker))
      throw new DiracS3Error('storage-unavailable', 'the store does not say where its list of uploads goes on');
    marker = { KeyMarker, UploadIdMarker };
  }
}

function unfinished({ Key: key, UploadId: uploadId, Initiated: begunAt }: MultipartUpload): UnfinishedUpload[] {
  return key === undefined || uploadId === undefined || begunAt === undefined ? [] : [{ key, uploadId, begunAt }];
}
