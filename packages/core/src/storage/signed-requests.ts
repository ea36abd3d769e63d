import {
  BulkResultBuilder,
  type BulkResult,
  type Lfn,
  type Presigned,
  type PresignedUrl,
  type PresignItem,
  type PresignRequest,
} from '../domain/index.js';
import { failure, toError, type Failure } from '../errors/index.js';
import type { UrlSource } from '../ports/index.js';

/** LFNs whose URLs are asked for at once: few questions to the gateway, and no URL grows old before it is used. */
export const batchSize = 100;

export type Signed = ReadonlyMap<Lfn, Presigned | Failure>;

/** Asks for the URLs of a batch. A name the source left out is a failure; so is every name when the whole request fails. */
export async function signAll(
  urls: UrlSource,
  request: Omit<PresignRequest, 'items'> & { items: readonly (PresignItem & { lfn: Lfn })[] },
): Promise<Signed> {
  const answer = await urls.presign(request);
  return new Map(
    request.items.map(({ lfn }) => [
      lfn,
      answer.successful.get(lfn) ??
        answer.failed.get(lfn) ??
        failure('gateway-unavailable', `${lfn}: no URL was given for it, and no reason`),
    ]),
  );
}

/** The presigned request of one LFN; its refusal is thrown. */
export function signedFor(signed: Signed, lfn: Lfn): Presigned {
  const found = signed.get(lfn) ?? failure('internal', `${lfn}: was not asked for`);
  if ('code' in found) throw toError(found);
  return found;
}

/** As {@link signedFor}, for the methods that are always a URL. */
export function signedUrlFor(signed: Signed, lfn: Lfn): PresignedUrl {
  const found = signedFor(signed, lfn);
  if (found.kind !== 'url') throw toError(failure('internal', `${lfn}: a form was given where a URL was asked for`));
  return found;
}

/** Runs a bulk operation batch by batch; results come back as one, in the order asked. */
export async function inBatches<Item extends { readonly lfn: Lfn }, Value>(
  items: readonly Item[],
  step: (batch: readonly Item[]) => Promise<BulkResult<Value, Lfn>>,
): Promise<BulkResult<Value, Lfn>> {
  const unique = [...new Map(items.map((item) => [item.lfn, item])).values()];
  const whole = new BulkResultBuilder<Value, Lfn>(unique.map(({ lfn }) => lfn));
  for (let at = 0; at < unique.length; at += batchSize) {
    const { successful, failed } = await step(unique.slice(at, at + batchSize));
    successful.forEach((value, lfn) => whole.succeed(lfn, value));
    failed.forEach((fault, lfn) => whole.fail(lfn, fault));
  }
  return whole.build();
}
