import type { Lfn, PresignedUrl, PresignItem, S3Method } from '../domain/index.js';
import type { Clock, UrlSource } from '../ports/index.js';
import { presignedUrlOf } from './signed-urls.js';
import { isForbidden } from './s3-error.js';

export interface FreshUrlOptions {
  readonly urls: UrlSource;
  readonly clock: Clock;
  readonly storageElement: string;
  readonly method: S3Method;
  /** What is signed, asked for with each signature: tokens of an upload change when it is renewed. */
  readonly item: () => Promise<PresignItem & { readonly lfn: Lfn }> | (PresignItem & { readonly lfn: Lfn });
}

/** A URL is signed again when less than this of its life is left. */
const leastLife = 1 / 5;

/** The URL of one request, signed when it is needed, shared by all that use it, and signed again before it ends. */
export class FreshUrl {
  readonly #options: FreshUrlOptions;
  #current: Promise<{ readonly signed: PresignedUrl; readonly until: number }> | undefined;
  #latest: PresignedUrl | undefined;

  constructor(options: FreshUrlOptions) {
    this.#options = options;
  }

  async get(): Promise<PresignedUrl> {
    const current = await (this.#current ??= this.#sign());
    if (this.#options.clock.now().getTime() < current.until) return current.signed;
    this.#forget(current.signed);
    return (await (this.#current ??= this.#sign())).signed;
  }

  /** Runs a request with the URL; once with a new one, when the store refuses the first (403): it may have ended on the way. */
  async use<Value>(request: (signed: PresignedUrl) => Promise<Value>): Promise<Value> {
    const signed = await this.get();
    try {
      return await request(signed);
    } catch (thrown) {
      if (!isForbidden(thrown)) throw thrown;
      this.#forget(signed);
      return request(await this.get());
    }
  }

  /** Whoever comes late with an old one does not throw away the new one. */
  #forget(signed: PresignedUrl): void {
    if (this.#latest !== signed) return;
    this.#latest = undefined;
    this.#current = undefined;
  }

  async #sign(): Promise<{ signed: PresignedUrl; until: number }> {
    const { urls, clock, storageElement, method, item } = this.#options;
    const now = clock.now().getTime();
    try {
      const wanted = await item();
      const signed = presignedUrlOf(await urls.presign({ storageElement, method, items: [wanted] }), wanted.lfn);
      const life = signed.expiresAt.getTime() - now;
      this.#latest = signed;
      return { signed, until: signed.expiresAt.getTime() - life * leastLife };
    } catch (thrown) {
      this.#current = undefined;
      throw thrown;
    }
  }
}
