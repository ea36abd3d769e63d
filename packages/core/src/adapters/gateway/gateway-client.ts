import type { z } from 'zod';
import type { Lfn, Presigned, PresignItem } from '../../domain/index.js';
import type {
  FileCatalog,
  FoundUpload,
  MultipartUpload,
  MultipartUploads,
  NewMultipartUpload,
  StoredObjects,
  UrlSource,
} from '../../ports/index.js';
import {
  foundUploadsAnswerSchema,
  presignAnswerSchema,
  restPaths,
  storageElementsAnswerSchema,
  uploadsAnswerSchema,
  whoamiAnswerSchema,
} from '../../rest-api/index.js';
import { askInChunks } from './bulk-questions.js';
import { createGatewayFileCatalog } from './gateway-file-catalog.js';
import { gatewayStoredObjects } from './gateway-stored-objects.js';
import { createRestClient, type RestClient, type RestClientOptions } from './rest-client.js';

export type Whoami = z.infer<typeof whoamiAnswerSchema>;
export type OfferedStorageElement = z.infer<typeof storageElementsAnswerSchema>['storageElements'][number];

/** A gateway as a client sees it. */
export interface GatewayClient {
  readonly urls: UrlSource;
  readonly uploads: MultipartUploads;
  readonly objects: StoredObjects;
  readonly catalog: FileCatalog;
  whoami(): Promise<Whoami>;
  storageElements(): Promise<readonly OfferedStorageElement[]>;
  /** Closes idle connections. */
  close(): void;
}

/** Opens the REST interface of the S3Gateway for the owner of a token or a grid proxy. See {@link createRestClient} for what it insists on. */
export function createGatewayClient(options: RestClientOptions): GatewayClient {
  const client = createRestClient(options);
  return {
    urls: gatewayUrlSource(client),
    uploads: gatewayUploads(client),
    objects: gatewayStoredObjects(client),
    catalog: createGatewayFileCatalog(client),
    whoami: () => client.get(restPaths.whoami, whoamiAnswerSchema),
    storageElements: async () => (await client.get(restPaths.storageElements, storageElementsAnswerSchema)).storageElements,
    close: () => client.close(),
  };
}

function gatewayUrlSource(client: RestClient): UrlSource {
  return {
    presign: ({ items, ...request }) =>
      askInChunks<PresignItem, PresignEntry, Presigned, string>(items, {
        nameOf: ({ lfn }) => lfn,
        ask: (chunk) => client.post(restPaths.presign, { ...request, items: chunk }, { answer: presignAnswerSchema, repeatable: true }),
        valueOf: ({ lfn: _, expiresAt, ...presigned }) => ({ ...presigned, expiresAt: new Date(expiresAt) }),
      }),
  };
}

function gatewayUploads(client: RestClient): MultipartUploads {
  const valueOf = ({ lfn, uploadId, uploadToken, expiresAt }: UploadEntry): MultipartUpload => ({
    lfn: lfn as Lfn,
    uploadId,
    token: uploadToken,
    expiresAt: new Date(expiresAt),
  });
  const nameOf = ({ lfn }: { readonly lfn: Lfn }): Lfn => lfn;
  return {
    begin: (storageElement, uploads) =>
      askInChunks<NewMultipartUpload, UploadEntry, MultipartUpload, Lfn>(uploads, {
        nameOf,
        // Asked twice, two uploads would be begun and one of them forgotten.
        ask: (chunk) =>
          client.post(restPaths.beginUploads, { storageElement, uploads: chunk }, { answer: uploadsAnswerSchema, repeatable: false }),
        valueOf,
      }),
    renew: (storageElement, uploads) =>
      askInChunks<MultipartUpload, UploadEntry, MultipartUpload, Lfn>(uploads, {
        nameOf,
        ask: (chunk) =>
          client.post(
            restPaths.renewUploads,
            { storageElement, uploads: chunk.map(({ lfn, uploadId, token = '' }) => ({ lfn, uploadId, uploadToken: token })) },
            { answer: uploadsAnswerSchema, repeatable: true },
          ),
        valueOf,
      }),
    find: (storageElement, lfns) =>
      askInChunks<Lfn, FoundEntry, readonly FoundUpload[], Lfn>(lfns, {
        nameOf: (lfn) => lfn,
        ask: (chunk) =>
          client.post(restPaths.findUploads, { storageElement, lfns: chunk }, { answer: foundUploadsAnswerSchema, repeatable: true }),
        valueOf: ({ uploads }) => uploads.map(({ begunAt, ...entry }) => ({ ...valueOf(entry), begunAt: new Date(begunAt) })),
      }),
  };
}

type UploadEntry = z.infer<typeof uploadsAnswerSchema>['successful'][number];
type FoundEntry = z.infer<typeof foundUploadsAnswerSchema>['successful'][number];
type PresignEntry = z.infer<typeof presignAnswerSchema>['successful'][number];
