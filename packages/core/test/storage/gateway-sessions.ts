import { createUploadFinder, createUploadStarter } from '../../src/adapters/s3/index.js';
import { Secret, type BulkResult, type Identity, type Lfn } from '../../src/domain/index.js';
import type { CredentialsProvider, MultipartUploads, PermissionChecker, UrlSource } from '../../src/ports/index.js';
import { createPresignUrls, createUploadSessions } from '../../src/presign/index.js';
import { memoryAuditSink } from '../../src/testing/index.js';
import type { World } from './world.js';

/** A gateway's use cases over the real store and the real catalog of a world, without the wire. Its settings can be changed under it. */
export interface GatewaySessions {
  keys: readonly Secret[];
  limitSeconds: number;
  /** Asked before the catalog. */
  permits: (lfn: Lfn) => boolean;
  /** What one user reaches. */
  of(identity: Identity): { readonly urls: UrlSource; readonly multipart: MultipartUploads };
  close(): void;
}

export function gatewaySessions(world: World): GatewaySessions {
  const clock = { now: () => new Date() };
  const [main, writeOnly] = world.store.credentials.map(({ accessKeyId, secretAccessKey }) => ({
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
  }));
  const credentials: CredentialsProvider = { credentialsOf: (_, use) => (use === 'main' ? main : writeOnly) };
  const { presigner, registry } = world.signing(clock);
  const starter = createUploadStarter({ presigner, credentials });
  const permissions: PermissionChecker = {
    checkPermission: async (question) => {
      const verdicts = await world.catalog.checkPermission(question);
      const denied = { allowed: false, reason: 'withdrawn' } as const;
      return new Map([...verdicts].map(([lfn, verdict]) => [lfn, self.permits(lfn) ? verdict : denied]));
    },
  };
  const deps = {
    ...{ registry, presigner, permissions, replicas: world.catalog, audit: memoryAuditSink(), clock, starter },
    finder: createUploadFinder({ credentials }),
    policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
    get uploadSessions() {
      return { keys: self.keys, limitSeconds: self.limitSeconds, lifetimeSeconds: 600 };
    },
  } as const;
  const self: GatewaySessions = {
    keys: [new Secret('kY3n8Qw1ZrT5uVb7Xc9MdF2gHj4LpSa6')],
    limitSeconds: 7200,
    permits: () => true,
    of: (identity) => {
      // Made anew for each request, so that a change of the settings counts.
      const who = { identity, requestId: 'test' };
      const named = <Value>(result: Promise<BulkResult<Value>>) => result as Promise<BulkResult<Value, Lfn>>;
      return {
        urls: { presign: (request) => createPresignUrls({ ...deps })({ ...request, ...who }) },
        multipart: {
          begin: (storageElement, uploads) => named(createUploadSessions({ ...deps }).begin({ storageElement, uploads, ...who })),
          renew: (storageElement, uploads) => {
            const asked = uploads.map(({ lfn, uploadId, token = '' }) => ({ lfn, uploadId, token }));
            return named(createUploadSessions({ ...deps }).renew({ storageElement, uploads: asked, ...who }));
          },
          find: (storageElement, lfns) => named(createUploadSessions({ ...deps }).find({ storageElement, lfns, ...who })),
        },
      };
    },
    close: () => starter.close(),
  };
  return self;
}
