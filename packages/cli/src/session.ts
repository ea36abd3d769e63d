import type { IdentityFacts, Lfn, StorageElement } from '@dirac-s3/core';
import type { CatalogAdministration } from '@dirac-s3/core/adapters/catalog/sqlite';
import type { DataManager } from '@dirac-s3/core/data-management';
import type { FileCatalog } from '@dirac-s3/core/ports';
import type { MatrixWish, ProtocolMatrix } from '@dirac-s3/core/protocols';
import type { AbortTools, StorageElementClient } from '@dirac-s3/core/storage';
import type { LoginKeeper } from './compose-login.js';
import type { CatalogChoice } from './choose-catalog.js';
import type { Credential } from './credentials/find-credential.js';

/** What commands work with; made by `compose.ts`. Each part is opened when it is first asked for. */
export interface Session extends LoginKeeper {
  /** Remarks about the configuration, in the order they were found. Grave ones are for everybody. */
  readonly warnings: readonly { readonly text: string; readonly grave: boolean }[];
  /** The S3 StorageElements this process can use. */
  storageElements(): readonly StorageElement[];
  /**
   * Those the gateway can give URLs for; none without a gateway in the configuration.
   *
   * @throws unauthenticated, gateway-unavailable
   */
  offered(): Promise<readonly OfferedElement[]>;
  /** One S3 StorageElement; a group stands for its only member. @throws unknown-storage-element, invalid-argument (a group of several) */
  storageElement(name: string): StorageElement;
  /** Names of StorageElements that names, groups among them, stand for. @throws unknown-storage-element */
  expandStorageElements(names: readonly string[]): string[];
  /** Those of a group; any other name stands for itself, configured or not. @throws unknown-storage-element (inside of the group) */
  membersOf(name: string): readonly string[];
  /** Who can send to whom, by the configuration alone. @throws unknown-storage-element */
  protocolMatrix(wish: MatrixWish): ProtocolMatrix;
  /** `s3://host[:port]/bucket/lfn`, as DIRAC's plug-in writes it. */
  storageUrl(name: string): Promise<StorageElementClient['storageUrl']>;
  /** @throws unauthenticated, gateway-unavailable */
  whoami(): Promise<Who>;
  /** The StorageElement itself, past the catalog. @throws unknown-storage-element */
  openStorageElement(name: string): Promise<StorageElementClient>;
  /** What aborts uploads in parts at a StorageElement. @throws unknown-storage-element */
  abortTools(name: string): Promise<AbortTools>;
  /** Reads storage URLs of a StorageElement; a URL of any other place is `invalid-storage-url`. @throws unknown-storage-element */
  lfnOfUrl(name: string): Promise<(url: string) => Lfn>;
  /** How the user shows who he is; undefined where a local file takes his word for it. @throws unauthenticated */
  credential(): Promise<Credential | undefined>;
  /** Which catalog the commands work on. */
  catalogKind(): Promise<CatalogChoice['type']>;
  dataManager(): Promise<DataManager>;
  /** The File Catalog as the user sees it. */
  catalog(): Promise<FileCatalog>;
  /** Upkeep of an SQLite catalog, with no user involved. @throws UsageError with any other catalog */
  administration(): Promise<CatalogAdministration>;
  close(): void;
}

/** A StorageElement as the gateway describes it. */
export type OfferedElement = Pick<StorageElement, 'name' | 'bucket' | 'vos' | 'status'> & { readonly endpoint: string };

export type Who = Pick<IdentityFacts, 'username' | 'group' | 'vo' | 'properties'> & {
  readonly dn?: string | undefined;
  readonly source: string;
};

export interface SessionOptions {
  /** `-o`. */
  readonly options: readonly string[];
  /** `--cfg`. */
  readonly cfgFiles: readonly string[];
  readonly tokenFile: string | undefined;
  /** `--proxy`. */
  readonly proxyFile: string | undefined;
  /** `--catalog`. */
  readonly catalog: string | undefined;
  /** `--as`. */
  readonly identity: string | undefined;
}
