import type { BulkResult, Lfn, Presigned, PresignedUrl, PresignItem, PresignRequest } from '../domain/index.js';
import { failure, toError } from '../errors/index.js';
import type { Clock, UrlSource } from '../ports/index.js';
import { isForbidden } from './s3-error.js';

/** A URL this close to its end is not used any more: clocks differ, and a request takes a moment to arrive. */
const marginSeconds = 60;

type SigningRequest = Omit<PresignRequest, 'items'>;

/** LFNs whose URLs are asked for in one question. */
const batchSize = 100;

/**
 * URLs for LFNs, asked for in batches: the first when one of it is needed, and each further one when the batch before it is begun, so that nobody
 * waits for it. Transfers take their time: a URL that has grown old before its turn comes is asked for again, alone.
 */
export class SignedUrls {
  readonly #urls: UrlSource;
  readonly #clock: Clock;
  readonly #request: SigningRequest;
  readonly #items: readonly PresignItem[];
  readonly #places: ReadonlyMap<Lfn, number>;
  readonly #batches: Promise<BulkResult<Presigned>>[] = [];

  constructor(
    { urls, clock }: { readonly urls: UrlSource; readonly clock: Clock },
    request: SigningRequest,
    items: readonly PresignItem[],
  ) {
    this.#urls = urls;
    this.#clock = clock;
    this.#request = request;
    this.#items = items;
    this.#places = new Map(items.map(({ lfn }, place) => [lfn as Lfn, place]));
  }

  /** As the source gave it. */
  async newUrlOf(lfn: Lfn): Promise<PresignedUrl> {
    const number = Math.floor((this.#places.get(lfn) ?? 0) / batchSize);
    const batch = this.#batch(number);
    if ((number + 1) * batchSize < this.#items.length) void this.#batch(number + 1);
    return urlOf(presignedOf(await batch, lfn), lfn);
  }

  #batch(number: number): Promise<BulkResult<Presigned>> {
    const known = this.#batches[number];
    if (known !== undefined) return known;
    const items = this.#items.slice(number * batchSize, (number + 1) * batchSize);
    const asked = this.#urls.presign({ ...this.#request, items });
    // Whoever waits for it gets its fault.
    asked.catch(() => undefined);
    return (this.#batches[number] = asked);
  }

  /** With life enough left to be used now. */
  async urlOf(lfn: Lfn): Promise<PresignedUrl> {
    const signed = await this.newUrlOf(lfn);
    const secondsLeft = (signed.expiresAt.getTime() - this.#clock.now().getTime()) / 1000;
    return secondsLeft > marginSeconds ? signed : this.urlAlone(lfn);
  }

  /** Asked for now, and for no other name. */
  async urlAlone(lfn: Lfn): Promise<PresignedUrl> {
    const item = this.#items[this.#places.get(lfn) ?? -1] ?? { lfn };
    return urlOf(presignedOf(await this.#urls.presign({ ...this.#request, items: [item] }), lfn), lfn);
  }

  /** Runs a request with its URL; once with a new one, when the store refuses the first (403): it may have ended on the way. */
  async use<Value>(lfn: Lfn, request: (signed: PresignedUrl) => Promise<Value>): Promise<Value> {
    const signed = await this.urlOf(lfn);
    try {
      return await request(signed);
    } catch (thrown) {
      if (!isForbidden(thrown)) throw thrown;
      return request(await this.urlAlone(lfn));
    }
  }
}

/** The presigned request of one name; a refusal is thrown, and so is a name the source gave neither a URL nor a reason for. */
export function presignedOf(answer: BulkResult<Presigned>, lfn: string): Presigned {
  const signed = answer.successful.get(lfn);
  if (signed !== undefined) return signed;
  throw toError(answer.failed.get(lfn) ?? failure('gateway-unavailable', `${lfn}: neither a URL nor a reason was given`));
}

/** As {@link presignedOf}, for methods that are signed as URLs. */
export function presignedUrlOf(answer: BulkResult<Presigned>, lfn: Lfn): PresignedUrl {
  return urlOf(presignedOf(answer, lfn), lfn);
}

function urlOf(signed: Presigned, lfn: Lfn): PresignedUrl {
  if (signed.kind === 'url') return signed;
  throw toError(failure('gateway-unavailable', `${lfn}: a form was given where a URL was asked for`));
}
