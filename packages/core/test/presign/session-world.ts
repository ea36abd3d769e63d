import { Secret, singleResult } from '../../src/domain/index.js';
import type { AuthorizedTarget, MultipartUpload, TargetFacts, UnfinishedUpload } from '../../src/ports/index.js';
import { createPresignUrls, createUploadSessions, type PresignUrls, type UploadSessions } from '../../src/presign/index.js';
import { fixedClock, type FixedClock } from '../../src/testing/index.js';
import { alice, command, createWorld, type World, type WorldOptions } from './world.js';

export const mebibyte = 1024 * 1024;
export const keyOfGateway = new Secret('kY3n8Qw1ZrT5uVb7Xc9MdF2gHj4LpSa6');

export interface SessionWorldOptions extends WorldOptions {
  readonly keys?: readonly Secret[];
  /** What the store answers to the begin of an upload; default: ids of a row. */
  readonly start?: (target: AuthorizedTarget) => Promise<string>;
  /** What the store has unfinished in a bucket; the finder of the port, without a store. */
  readonly unfinished?: readonly UnfinishedUpload[];
}

export interface SessionWorld extends World {
  readonly sessions: UploadSessions;
  readonly presignUrls: PresignUrls;
  readonly clock: FixedClock;
  /** Uploads that were begun at the store. */
  readonly started: { readonly target: AuthorizedTarget; readonly partsSignedWith: TargetFacts['signWith'] }[];
  /** Keys below which the store was looked at. */
  readonly looked: string[];
}

/** One gateway: sessions and signatures over the same policy. Lifetime 10 minutes, limit 2 hours. */
export function createSessionWorld({ keys = [keyOfGateway], start, unfinished = [], ...options }: SessionWorldOptions = {}): SessionWorld {
  const clock = fixedClock('2026-11-24T12:00:00Z');
  const world = { ...createWorld(options), clock };
  const started: SessionWorld['started'] = [];
  const looked: string[] = [];
  const uploadSessions = { keys, lifetimeSeconds: 600, limitSeconds: 7200 };
  const deps = {
    ...world,
    uploadSessions,
    starter: {
      start: async (target: AuthorizedTarget, { partsSignedWith }: { readonly partsSignedWith: TargetFacts['signWith'] }) => {
        started.push({ target, partsSignedWith });
        return start === undefined ? `2~${started.length}` : start(target);
      },
    },
    finder: {
      find: ({ key }: { readonly key: string }) => {
        looked.push(key);
        return Promise.resolve(unfinished.filter((upload) => upload.key === key || upload.key.startsWith(`${key}/`)));
      },
    },
  };
  return { ...world, sessions: createUploadSessions(deps), presignUrls: createPresignUrls(deps), started, looked };
}

export const size = { sizeBytes: 12 * mebibyte, partBytes: 5 * mebibyte, checksum: '0a1b2c3d' };
export const asked = { identity: alice, requestId: 'request-1', storageElement: 'SE' };
export const begin = (world: SessionWorld, lfn = '/vo/a', more: Partial<typeof size> = {}) =>
  world.sessions.begin({ ...asked, uploads: [{ lfn, ...size, ...more }] });
export const begun = async (world: SessionWorld, lfn = '/vo/a'): Promise<MultipartUpload> => singleResult(await begin(world, lfn));
export const renew = (world: SessionWorld, { lfn, uploadId, token = '' }: MultipartUpload, identity = alice) =>
  world.sessions.renew({ ...asked, identity, uploads: [{ lfn, uploadId, token }] });
export const firstPart = ({ uploadId, token = '' }: MultipartUpload) => ({
  uploadId,
  uploadToken: token,
  partNumber: 1,
  sizeBytes: size.partBytes,
});
export const signPart = (world: SessionWorld, upload: MultipartUpload, identity = alice) =>
  world.presignUrls({ ...command('upload_part', [{ lfn: upload.lfn, ...firstPart(upload) }]), identity });
export const clear = (world: SessionWorld, { lfn, uploadId, token = '' }: MultipartUpload, identity = alice) =>
  world.presignUrls({ ...command('abort_multipart_upload', [{ lfn, uploadId, uploadToken: token }]), identity });
export const codeOf = (result: { readonly failed: ReadonlyMap<string, { readonly code: string }> }) => [...result.failed.values()][0]?.code;
