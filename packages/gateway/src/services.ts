import type { BulkResult, Identity, Presigned, PresignRequest } from '@dirac-s3/core';
import type { CredentialsProvider, FileCatalogs, StorageElementRegistry } from '@dirac-s3/core/ports';

/** The core as the operations see it; `compose.ts` fills it. */
export interface Services {
  /** The use case: permission, then signatures, then the audit record. */
  readonly presignUrls: (
    command: PresignRequest & { readonly identity: Identity; readonly requestId: string },
  ) => Promise<BulkResult<Presigned>>;
  readonly catalogs: FileCatalogs;
  readonly storageElements: StorageElementRegistry;
  readonly credentials: CredentialsProvider;
  /** Throws when the catalog cannot be asked. */
  readonly pingCatalog: () => Promise<void>;
}

/** The API described, made once of the list of operations. */
export interface Description {
  readonly openApiDocument: object;
  readonly docsPage: string;
}
