import { Secret } from '../../src/domain/index.js';
import type { AuthorizedTarget, TargetFacts, UnfinishedUpload } from '../../src/ports/index.js';
import { createPresignUrls, createUploadSessions, type PresignUrls, type UploadSessions } from '../../src/presign/index.js';
import { fixedClock, type FixedClock } from '../../src/testing/index.js';
import { createWorld, type World, type WorldOptions } from './world.js';

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
