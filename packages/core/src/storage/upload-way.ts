import type { Lfn, StorageElement } from '../domain/index.js';
import type { UrlSource } from '../ports/index.js';

/** How the bytes of a whole object go: by a PUT, or by a POST with a form (ADR-002). */
export type UploadWay = 'post' | 'put';

/**
 * A PUT, which costs a store less and can be refused where the name is taken, wherever its URL may be given away: to this process itself always, by a
 * gateway where the store refuses unsigned headers, or where it has keys that cannot read. The gateway is asked once, with a name that is to be
 * written; the URL is used for nothing. Else a POST.
 */
export function uploadWayOf({ access, name }: StorageElement, urls: UrlSource): (lfn: Lfn) => Promise<UploadWay> {
  if (access === 'direct') return () => Promise.resolve('put');
  let known: Promise<UploadWay | undefined> | undefined;
  const ask = async (lfn: Lfn): Promise<UploadWay | undefined> => {
    const answer = await urls.presign({ storageElement: name, method: 'put_object', upload: 'put', items: [{ lfn, sizeBytes: 1 }] });
    if (answer.successful.has(lfn)) return 'put';
    return answer.failed.get(lfn)?.code === 'upload-unsafe' ? 'post' : undefined;
  };
  return async (lfn) => {
    // Of any other refusal the name is the reason: it is said when its own request is asked for.
    const way = await (known ??= ask(lfn).catch(() => undefined));
    if (way === undefined) known = undefined;
    return way ?? 'post';
  };
}
