import type { CatalogMethod, Identity, Lfn, Presigned, PresignItem, StorageElement } from '../../src/domain/index.js';
import type { AuditSink, AuthorizedTarget, PermissionQuestion, Registration, Verdict } from '../../src/ports/index.js';
import { createPresignUrls, type PresignCommand, type PresignDependencies, type PresignUrls } from '../../src/presign/index.js';
import { fixedClock, identityOf, memoryAuditSink, storageElementOf, type MemoryAuditSink } from '../../src/testing/index.js';

export const alice: Identity = identityOf('alice');

export function storageElement(name: string, changes: Partial<StorageElement> = {}): StorageElement {
  return storageElementOf(name, {
    endpoint: { secure: true, host: `${name.toLowerCase()}.example.org`, port: undefined },
    expiration: { transfer: { defaultSeconds: 3600, maxSeconds: 7200 }, external: { defaultSeconds: 86_400, maxSeconds: 604_800 } },
    ...changes,
  });
}

export type Answer = Verdict | undefined | Error;

export interface WorldOptions {
  readonly elements?: readonly StorageElement[];
  /** The catalog's verdict; an error is thrown, undefined leaves the name out of the answer. Default: everything allowed. */
  readonly verdict?: (method: CatalogMethod, lfn: Lfn) => Answer;
  /** Default: nothing is registered. */
  readonly registration?: (lfn: Lfn) => Registration | undefined | Error;
  readonly sign?: (target: AuthorizedTarget, now: Date) => Promise<Presigned>;
  readonly audit?: AuditSink;
  readonly policies?: Partial<PresignDependencies['policies']>;
}

export interface World extends PresignDependencies {
  readonly presignUrls: PresignUrls;
  /** Catalog calls in order: the method and how many names. */
  readonly calls: { readonly method: CatalogMethod | 'lookUpReplicas'; readonly names: readonly string[] }[];
  readonly signed: AuthorizedTarget[];
  readonly trail: MemoryAuditSink;
}

export const allowed: Verdict = { allowed: true };
export const denied: Verdict = { allowed: false, reason: 'not yours' };

/** The use case with a catalog that answers from functions and a signer that keeps what it was given. */
export function createWorld(options: WorldOptions = {}): World {
  const elements = options.elements ?? [storageElement('SE')];
  const calls: World['calls'] = [];
  const signed: AuthorizedTarget[] = [];
  const trail = memoryAuditSink();
  const ask = <Value>(method: World['calls'][number]['method'], names: readonly Lfn[], answer: (lfn: Lfn) => Value | undefined | Error) => {
    calls.push({ method, names });
    const answers = new Map<Lfn, Value>();
    for (const lfn of names) {
      const value = answer(lfn);
      if (value instanceof Error) return Promise.reject(value);
      if (value !== undefined) answers.set(lfn, value);
    }
    return Promise.resolve(answers);
  };
  const deps: PresignDependencies = {
    registry: { find: (name) => elements.find((element) => element.name === name), all: () => elements },
    permissions: {
      checkPermission: ({ method, lfns }: PermissionQuestion) =>
        ask(method, lfns, (lfn) => (options.verdict ?? (() => allowed))(method, lfn)),
    },
    replicas: { lookUpReplicas: (lfns) => ask('lookUpReplicas', lfns, options.registration ?? (() => ({ registered: false as const }))) },
    presigner: {
      presign: async (target, now) => {
        if (options.sign !== undefined) return options.sign(target, now);
        signed.push(target);
        return urlOf(target, now);
      },
    },
    audit: options.audit ?? trail,
    clock: fixedClock('2026-11-24T12:34:56Z'),
    policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never', ...options.policies },
  };
  return { ...deps, presignUrls: createPresignUrls(deps), calls, signed, trail };
}

export function urlOf(target: AuthorizedTarget, now: Date): Presigned {
  const expiresAt = new Date(now.getTime() + target.expirationSeconds * 1000);
  return { kind: 'url', httpMethod: 'GET', url: `https://store/${target.key}?X-Amz-Signature=abc`, headers: {}, expiresAt };
}

export function command(
  method: PresignCommand['method'],
  items: readonly (string | PresignItem)[],
  more: Partial<PresignCommand> = {},
): PresignCommand {
  return {
    storageElement: 'SE',
    method,
    items: items.map((item) => (typeof item === 'string' ? { lfn: item } : item)),
    identity: alice,
    requestId: 'request-1',
    ...more,
  };
}
