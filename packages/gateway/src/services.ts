import type { BulkResult, Identity, Presigned, PresignRequest } from '@dirac-s3/core';
import type { ConfigurationState } from '@dirac-s3/core/config';
import type { CredentialsProvider, FileCatalogs, StorageElementRegistry } from '@dirac-s3/core/ports';
import type { ListObjects, UploadSessions } from '@dirac-s3/core/presign';
import type { Authenticator } from './auth/index.js';
import type { Probe } from './probe/index.js';

/** The core as the operations see it, and who may call them; `compose.ts` fills it, anew for each change of the configuration. */
export interface Services {
  readonly authenticate: Authenticator;
  /** The use case: permission, then signatures, then the audit record. */
  readonly presignUrls: (
    command: PresignRequest & { readonly identity: Identity; readonly requestId: string },
  ) => Promise<BulkResult<Presigned>>;
  /** Uploads in parts: begun and renewed. */
  readonly uploadSessions: UploadSessions;
  /** What is stored under many names: permission, then listings of their directories, then the audit record. */
  readonly listObjects: ListObjects;
  readonly catalogs: FileCatalogs;
  readonly storageElements: StorageElementRegistry;
  readonly credentials: CredentialsProvider;
  /** How fresh the central part of the configuration is. */
  readonly configurationState: () => ConfigurationState;
  /** Links that answer `head_object` of DIRAC clients; undefined: they get URLs of the store, good for HEAD alone. */
  readonly probe: Probe | undefined;
  /** Throws when the catalog cannot be asked. */
  readonly pingCatalog: () => Promise<void>;
}

/** The API described, made once of the list of operations. */
export interface Description {
  readonly openApiDocument: object;
  readonly docsPage: string;
}
