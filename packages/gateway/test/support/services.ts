import { bulkMap, DiracS3Error, type Identity, type Lfn, type PresignRequest } from '@dirac-s3/core';
import type { FileCatalog, FileMetadata } from '@dirac-s3/core/ports';
import type { Services } from '../../src/services.js';
import { credentials, storageElement } from './settings.js';

export const signature = '0123456789abcdef'.repeat(4);

export const metadata: FileMetadata = {
  sizeBytes: 3,
  checksum: '0a1b2c3d',
  checksumType: 'Adler32',
  guid: 'A0B1C2D3-0000-1111-2222-333344445555',
  owner: 'alice',
  ownerGroup: 'vo_user',
  mode: 0o644,
  status: 'AprioriGood',
  createdAt: new Date('2026-01-02T03:04:05.000Z'),
  modifiedAt: new Date('2026-01-02T03:04:06.000Z'),
};

export const configurationState: Services['configurationState'] = () => ({
  central: 'local',
  version: undefined,
  server: undefined,
  fetchedAt: undefined,
  lastFailure: undefined,
});

/** What the fakes were asked, in order. */
export interface Asked {
  readonly what: string;
  readonly identity: Identity;
  readonly arguments: readonly unknown[];
}

export interface FakeServices extends Services {
  readonly asked: Asked[];
}

/** Services that record what they are asked. A name that ends with `missing` fails with `no-such-file`, the others succeed. */
export function fakeServices(overrides: Partial<Services> = {}): FakeServices {
  const asked: Asked[] = [];
  const elements = [
    storageElement('CERN-S3'),
    storageElement('OPEN-S3', { unsignedHeaders: 'refused', publicEndpoint: { secure: true, host: 's3.example.org', port: undefined } }),
    storageElement('OTHER-S3', { vos: ['other'] }),
    storageElement('FAR-S3', { access: 'via-gateway' }),
  ];
  const begun = (what: string, command: { readonly identity: Identity; readonly uploads: readonly { readonly lfn: string }[] }) => {
    asked.push({ what, identity: command.identity, arguments: [command] });
    return bulkMap(
      command.uploads.map(({ lfn }) => lfn),
      (lfn) => {
        if (lfn.endsWith('missing')) throw new DiracS3Error('permission-denied', `${lfn}: not yours`);
        return { lfn: lfn as Lfn, uploadId: '2~abc', token: 'upload1.a.b', expiresAt: new Date('2026-01-02T04:04:05.000Z') };
      },
    );
  };
  return {
    asked,
    authenticate: () => Promise.reject(new DiracS3Error('unauthenticated', 'nobody is known here')),
    presignUrls: async (command) => {
      asked.push({ what: 'presignUrls', identity: command.identity, arguments: [command] });
      if (!elements.some(({ name }) => name === command.storageElement)) {
        throw new DiracS3Error('unknown-storage-element', `"${command.storageElement}" is not configured`);
      }
      return bulkMap(
        command.items.map(({ lfn }) => lfn),
        (lfn) => presigned(command, lfn),
      );
    },
    uploadSessions: {
      begin: (command) => begun('beginUploads', command),
      renew: (command) => begun('renewUploads', command),
      find: (command) => {
        asked.push({ what: 'findUploads', identity: command.identity, arguments: [command] });
        return bulkMap(command.lfns, (lfn) => {
          if (lfn.endsWith('missing')) throw new DiracS3Error('too-many-items', 'more than 10000 uploads in parts are under way');
          const upload = { lfn: `${lfn}/a` as Lfn, uploadId: '2~abc', token: 'upload1.a.b' };
          return [{ ...upload, begunAt: new Date('2026-01-02T03:04:05.000Z'), expiresAt: new Date('2026-01-02T04:04:05.000Z') }];
        });
      },
    },
    listObjects: (command) => {
      asked.push({ what: 'listObjects', identity: command.identity, arguments: [command] });
      return bulkMap(command.lfns, (lfn) => {
        if (lfn.endsWith('missing')) throw new DiracS3Error('permission-denied', `${lfn}: not yours`);
        return lfn.endsWith('free') ? undefined : { sizeBytes: 3, etag: 'd41d8cd98f00b204e9800998ecf8427e' };
      });
    },
    catalogs: { catalogFor: (identity) => recordingCatalog(identity, asked) },
    storageElements: { find: (name) => elements.find((element) => element.name === name), all: () => elements },
    credentials: { credentialsOf: (_name, use) => (use === 'main' ? credentials : undefined) },
    configurationState,
    probe: undefined,
    pingCatalog: () => Promise.resolve(),
    ...overrides,
  };
}

function presigned(command: PresignRequest, lfn: string) {
  if (lfn.endsWith('missing')) throw new DiracS3Error('no-such-file', `${lfn} is not registered`);
  const expiresAt = new Date('2026-01-02T04:04:05.000Z');
  const url = `https://store.internal:9000/data${lfn}`;
  if (command.method === 'put_object') return { kind: 'post' as const, url, fields: { key: lfn, 'x-amz-signature': signature }, expiresAt };
  return { kind: 'url' as const, httpMethod: 'GET' as const, url: `${url}?X-Amz-Signature=${signature}`, headers: {}, expiresAt };
}

/** As a catalog has it that knows no dates. */
const directory = { owner: 'alice', ownerGroup: 'vo_user', mode: 0o755 };

function recordingCatalog(identity: Identity, asked: Asked[]): FileCatalog {
  const answer =
    <Value>(what: string, value: (name: string) => Value) =>
    <Name extends string>(names: readonly Name[], ...more: readonly unknown[]) => {
      asked.push({ what, identity, arguments: [names, ...more] });
      return bulkMap(names, (name) => {
        if (name.endsWith('missing')) throw new DiracS3Error('no-such-file', `${name} is not registered`);
        return value(name);
      });
    };
  const done = (what: string) => (entries: readonly { readonly lfn: Lfn }[]) =>
    answer(what, () => true as const)(
      entries.map(({ lfn }) => lfn),
      entries,
    );
  return {
    addFiles: done('addFiles'),
    addReplicas: done('addReplicas'),
    removeReplicas: done('removeReplicas'),
    removeFiles: answer('removeFiles', () => true as const),
    createDirectories: answer('createDirectories', () => true as const),
    removeDirectories: answer('removeDirectories', () => true as const),
    getReplicas: answer('getReplicas', (name) => new Map([['CERN-S3', `s3://store.internal:9000/data${name}`]])),
    getFileMetadata: answer('getFileMetadata', () => metadata),
    changePaths: answer('changePaths', () => true as const),
    getDirectoryMetadata: answer('getDirectoryMetadata', (name) =>
      name === '/' ? { ...directory, createdAt: metadata.createdAt } : directory,
    ),
    findByGuid: (guids) => {
      asked.push({ what: 'findByGuid', identity, arguments: [guids] });
      return Promise.resolve(new Map(guids.filter((guid) => guid.startsWith('A')).map((guid) => [guid, '/vo/a/known.bin' as Lfn])));
    },
    exists: answer('exists', (name) => name.endsWith('.bin')),
    listDirectory: answer('listDirectory', (name) => ({
      files: new Map([[`${name}/a.bin` as Lfn, metadata]]),
      directories: [`${name}/sub` as Lfn],
    })),
    hasAccess: (method, lfns) => answer('hasAccess', () => method !== 'removeFile')(lfns, method),
  };
}
