import { bulkMap, type BulkResult, type Lfn, type PresignRequest } from '../domain/index.js';
import type { FoundUpload, MultipartUpload, MultipartUploads, UploadFinder, UploadStarter } from '../ports/index.js';
import { authorizedTarget } from './authorized-target.js';
import { collectOutcomes } from './collect-outcomes.js';
import type { DirectUrlSourceDependencies } from './direct-url-source.js';
import { lookForUploads, mostTold } from './look-for-uploads.js';
import { resolveTargets } from './resolve-targets.js';

export interface DirectMultipartUploadsDependencies extends Omit<DirectUrlSourceDependencies, 'presigner'> {
  readonly starter: UploadStarter;
  readonly finder: UploadFinder;
}

/** Nobody else has to be asked again; longer than this no upload is left lying. */
const lifetimeSeconds = 7 * 86_400;
const parallelStarts = 8;

/** Multipart uploads with credentials this process has itself; see {@link createDirectUrlSource}. */
export function createDirectMultipartUploads({
  registry,
  starter,
  finder,
  clock,
  vo,
}: DirectMultipartUploadsDependencies): MultipartUploads {
  const resolve = (storageElement: string, items: PresignRequest['items']) => {
    const request: PresignRequest = { storageElement, method: 'create_multipart_upload', items };
    return { request, resolved: resolveTargets(request, { registry, vo, holder: 'self' }) };
  };
  const uploadOf = (lfn: Lfn, uploadId: string): MultipartUpload => ({
    lfn,
    uploadId,
    token: undefined,
    expiresAt: new Date(clock.now().getTime() + lifetimeSeconds * 1000),
  });
  return {
    async begin(storageElement, uploads) {
      const { request, resolved } = resolve(
        storageElement,
        uploads.map(({ lfn, checksum }) => ({ lfn, checksum })),
      );
      const begun = await bulkMap(
        resolved.passed.keys(),
        async (lfn) => {
          const target = authorizedTarget(resolved.passed.get(lfn)!);
          return uploadOf(lfn, await starter.start(target, { now: clock.now(), partsSignedWith: 'main' }));
        },
        { parallel: parallelStarts, fallback: 'storage-unavailable' },
      );
      return collectOutcomes(request, { passed: begun.successful, refused: begun.failed }, [resolved]) as BulkResult<MultipartUpload, Lfn>;
    },
    async renew(storageElement, uploads) {
      const ids = new Map(uploads.map(({ lfn, uploadId }) => [lfn, uploadId]));
      const { request, resolved } = resolve(
        storageElement,
        uploads.map(({ lfn }) => ({ lfn })),
      );
      const renewed = await bulkMap(resolved.passed.keys(), (lfn) => Promise.resolve(uploadOf(lfn, ids.get(lfn)!)), {
        parallel: parallelStarts,
        fallback: 'internal',
      });
      return collectOutcomes(request, { passed: renewed.successful, refused: renewed.failed }, [resolved]) as BulkResult<
        MultipartUpload,
        Lfn
      >;
    },
    async find(storageElement, lfns) {
      const { request, resolved, found } = await lookForUploads({ storageElement, lfns }, { registry, finder, vo });
      const passed = new Map<Lfn, readonly FoundUpload[]>(
        [...found.successful].map(([name, uploads]) => [
          name,
          uploads.slice(0, mostTold).map(({ lfn, uploadId, begunAt }) => ({ ...uploadOf(lfn, uploadId), begunAt })),
        ]),
      );
      return collectOutcomes(request, { passed, refused: found.failed }, [resolved]) as BulkResult<readonly FoundUpload[], Lfn>;
    },
  };
}
