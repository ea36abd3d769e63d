import { BulkResultBuilder, type Lfn } from '../../src/domain/index.js';
import { failureOf } from '../../src/errors/index.js';
import type { MultipartUpload, MultipartUploads, UrlSource } from '../../src/ports/index.js';
import { presignedUrlOf } from '../../src/storage/signed-urls.js';

export interface DirectMultipart extends MultipartUploads {
  readonly begun: string[];
  renewals: number;
  /** Thrown by the next renewals. */
  refusal: Error | undefined;
}

/** Uploads in parts begun at the store with URLs of this process. */
export function directMultipart(urls: UrlSource, lifeMilliseconds = 3_600_000): DirectMultipart {
  const each = async <Item extends { readonly lfn: Lfn }>(items: readonly Item[], step: (item: Item) => Promise<MultipartUpload>) => {
    const result = new BulkResultBuilder<MultipartUpload, Lfn>(items.map(({ lfn }) => lfn));
    for (const item of items) {
      await step(item).then(
        (value) => result.succeed(item.lfn, value),
        (thrown: unknown) => result.fail(item.lfn, failureOf(thrown)),
      );
    }
    return result.build();
  };
  const expiresAt = (): Date => new Date(Date.now() + lifeMilliseconds);
  const self: DirectMultipart = {
    begun: [],
    renewals: 0,
    refusal: undefined,
    begin: (storageElement, uploads) =>
      each(uploads, async ({ lfn, checksum }) => {
        const answer = await urls.presign({ storageElement, method: 'create_multipart_upload', items: [{ lfn, checksum }] });
        const { url, headers } = presignedUrlOf(answer, lfn);
        const response = await fetch(url, { method: 'POST', headers });
        const uploadId = /<UploadId>([^<]+)</.exec(await response.text())?.[1] ?? '';
        self.begun.push(uploadId);
        return { lfn, uploadId, token: undefined, expiresAt: expiresAt() };
      }),
    renew: (_, uploads) =>
      each(uploads, (upload) => {
        self.renewals += 1;
        return self.refusal === undefined ? Promise.resolve({ ...upload, expiresAt: expiresAt() }) : Promise.reject(self.refusal);
      }),
    find: () => Promise.reject(new Error('nothing is looked for in these tests')),
  };
  return self;
}
