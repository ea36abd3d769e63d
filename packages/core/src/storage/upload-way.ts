import type { Lfn, StorageElement } from '../domain/index.js';
import type { UrlSource } from '../ports/index.js';

/** How the bytes of a whole object go: by a PUT, or by a POST with a form (ADR-002). */
export type UploadWay = 'post' | 'put';

/**
 * A PUT, which costs a store less and can be refused where the name is taken, wherever its URL may be given away: to this process itself always, by a
 * gateway where the store refuses unsigned headers, or where it has keys that cannot read. Whether it has, it is asked once, with the name that
 * is to be written; the URL is used for nothing. Else a POST.
 */
export function uploadWayOf({ access, unsignedHeaders, name }: StorageElement, urls: UrlSource): (lfn: Lfn) => Promise<UploadWay> {
  if (access === 'direct' || unsignedHeaders === 'refused') return () => Promise.resolve('put');
  let known: UploadWay | undefined;
  return async (lfn) => {
    if (known !== undefined) return known;
    const answer = await urls.presign({ storageElement: name, method: 'put_object', upload: 'put', items: [{ lfn, sizeBytes: 1 }] });
    if (answer.successful.has(lfn)) known = 'put';
    else if (answer.failed.get(lfn)?.code === 'upload-unsafe') known = 'post';
    // Of any other refusal the name is the reason: it will be said when its own request is asked for.
    return known ?? 'post';
  };
}
