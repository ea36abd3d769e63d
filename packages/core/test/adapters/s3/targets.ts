import { objectKeyOf, parseLfn, Secret, type S3Credentials, type StorageElement } from '../../../src/domain/index.js';
import type { AuthorizedTarget, CredentialsProvider, TargetFacts } from '../../../src/ports/index.js';
import { authorizedTarget } from '../../../src/presign/authorized-target.js';
import { storageElementOf } from '../../../src/testing/index.js';

export const now = new Date('2026-11-24T12:34:56.789Z');

export function storageElement(changes: Partial<StorageElement> = {}): StorageElement {
  return storageElementOf('TEST-S3', {
    endpoint: { secure: false, host: 'store.example.org', port: 9000 },
    unsignedHeaders: 'refused',
    expiration: { transfer: { defaultSeconds: 3600, maxSeconds: 3600 }, external: { defaultSeconds: 86_400, maxSeconds: 604_800 } },
    ...changes,
  });
}

export function targetOf(lfn: string, changes: Partial<TargetFacts> = {}): AuthorizedTarget {
  return authorizedTarget({
    storageElement: storageElement(),
    bucket: 'bucket',
    key: objectKeyOf(parseLfn(lfn)),
    method: 'get_object',
    upload: 'put',
    signWith: 'main',
    item: { lfn },
    expirationSeconds: 900,
    ...changes,
  });
}

export function keys(accessKeyId: string, more: { token?: string; expiresAt?: Date; secret?: string } = {}): S3Credentials {
  return {
    accessKeyId,
    secretAccessKey: new Secret(more.secret ?? `secret of ${accessKeyId}`),
    ...(more.token === undefined ? {} : { sessionToken: new Secret(more.token) }),
    ...(more.expiresAt === undefined ? {} : { expiresAt: more.expiresAt }),
  };
}

export function provider(main: S3Credentials | undefined, writeOnly?: S3Credentials): CredentialsProvider {
  return { credentialsOf: (_, use) => (use === 'main' ? main : writeOnly) };
}
