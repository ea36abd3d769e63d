import { singleResult, type Lfn, type PresignItem, type S3Method } from '../domain/index.js';
import type { Clock, MultipartUpload, MultipartUploads, UrlSource } from '../ports/index.js';
import { FreshUrl } from './fresh-url.js';

export interface SessionTools {
  readonly storageElement: string;
  readonly urls: UrlSource;
  readonly clock: Clock;
}

type UploadMethod = Extract<
  S3Method,
  'upload_part' | 'upload_part_copy' | 'list_parts' | 'complete_multipart_upload' | 'abort_multipart_upload'
>;

/** Permitted as long as the session can be renewed at all, whatever the catalog says now: nobody has to leave parts behind. */
const clearing: ReadonlySet<UploadMethod> = new Set(['list_parts', 'abort_multipart_upload']);

/** A multipart upload that is under way: signs its requests, and is renewed when less than a fifth of its time is left. */
export class UploadSession {
  readonly #tools: SessionTools;
  readonly #uploads: MultipartUploads;
  #upload: Promise<MultipartUpload>;
  #until: number;

  constructor(tools: SessionTools, uploads: MultipartUploads, upload: MultipartUpload) {
    this.#tools = tools;
    this.#uploads = uploads;
    this.#upload = Promise.resolve(upload);
    this.#until = this.#endOf(upload);
  }

  /** Asks for the permission again, whatever time is left: what is kept in a journal may be old. */
  renew(): Promise<MultipartUpload> {
    this.#until = Infinity;
    const before = this.#upload;
    this.#upload = before.then(async (upload) => {
      try {
        const renewed = singleResult(await this.#uploads.renew(this.#tools.storageElement, [upload]));
        this.#until = this.#endOf(renewed);
        return renewed;
      } catch (thrown) {
        // The next one to need it asks again.
        this.#upload = before;
        this.#until = 0;
        throw thrown;
      }
    });
    return this.#upload;
  }

  url(method: UploadMethod, lfn: Lfn, more: Omit<PresignItem, 'lfn' | 'uploadId' | 'uploadToken'> = {}): FreshUrl {
    return new FreshUrl({
      ...this.#tools,
      method,
      item: async () => {
        const due = !clearing.has(method) && this.#tools.clock.now().getTime() >= this.#until;
        const { uploadId, token } = await (due ? this.renew() : this.#upload);
        return { lfn, uploadId, ...(token !== undefined && { uploadToken: token }), ...more };
      },
    });
  }

  #endOf({ expiresAt }: MultipartUpload): number {
    const now = this.#tools.clock.now().getTime();
    return expiresAt.getTime() - (expiresAt.getTime() - now) / 5;
  }
}
