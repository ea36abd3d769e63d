import type { S3Credentials, StorageElement } from '../domain/index.js';

/** A remark about the configuration: which option, where it was read, what is the matter. */
export interface ConfigRemark {
  /** Path of the option or section, `/Resources/StorageElements/X/…`. */
  readonly path: string;
  readonly message: string;
  /** `file:line:column` (or `-o …`, or the layer's name) when known. */
  readonly source: string | undefined;
}

/** What every normalising step gives back: it never exits and never throws for what an operator wrote. */
export interface ConfigOutcome<Config> {
  readonly config: Config;
  readonly warnings: readonly ConfigRemark[];
  readonly errors: readonly ConfigRemark[];
}

export type SecurityManagerName =
  'NoSecurityManager' | 'DirectorySecurityManager' | 'DirectorySecurityManagerWithDelete' | 'FullSecurityManager' | 'VOMSSecurityManager';

/** How the embedded catalog judges, read where DIRAC's FileCatalog service reads it (`/Systems/DataManagement/Services/FileCatalog`). */
export interface CatalogRules {
  readonly securityManager: SecurityManagerName;
  readonly globalReadAccess: boolean;
  /** Mode of new files and directories (`DefaultUmask`; a mode, not a mask; decimal in the CS as DIRAC reads it). */
  readonly defaultMode: number;
  /** File states that ordinary questions see. */
  readonly visibleStates: readonly string[];
}

/** Deviations from DIRAC, safe by default; `as-dirac` switches one back (`…/Services/S3Gateway/Policies/<name>`). */
export interface PresignPolicies {
  /** Deleting an LFN the catalog does not know: needs Write on the nearest existing ancestor, or whatever the catalog says. */
  readonly deleteUnregistered: 'need-write' | 'as-dirac';
  /** PUT where a replica is registered at this very SE: refused, or whatever the catalog says about addFile. */
  readonly putRegistered: 'refuse' | 'as-dirac';
  /** FullSecurityManager grants everybody everything on `/`: never, or as DIRAC does. */
  readonly openRoot: 'never' | 'as-dirac';
}

/** `/Registry`: who is who. Lookups by exact name. */
export interface Registry {
  readonly users: ReadonlyMap<string, { readonly dns: readonly string[]; readonly suspendedVos: readonly string[] }>;
  readonly groups: ReadonlyMap<
    string,
    {
      readonly users: readonly string[];
      readonly properties: readonly string[];
      readonly vo: string;
      readonly vomsRole: string | undefined;
    }
  >;
}

/** One issuer of tokens (`…/Services/S3Gateway/Issuers/<name>`). */
export interface IssuerSettings {
  readonly name: string;
  /** Exact value of `iss`. */
  readonly issuer: string;
  /** Required value of `aud`. */
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Where the keys are: a local file or an https URL (http on loopback only). */
  readonly jwks: { readonly file: string } | { readonly url: string };
  readonly usernameClaim: string;
  readonly groupClaim: string;
}

/** Settings of the gateway process (`/Systems/DataManagement/Services/S3Gateway`). */
export interface GatewaySettings {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly maxItems: number;
  readonly maxBodyBytes: number;
  readonly requestTimeoutSeconds: number;
  readonly headersTimeoutSeconds: number;
  readonly shutdownTimeoutSeconds: number;
  readonly issuers: readonly IssuerSettings[];
  readonly policies: PresignPolicies;
}

/** Which catalog this process talks to. */
export type CatalogSettings =
  | { readonly type: 'sqlite'; readonly path: string }
  /** The REST interface of the gateway (CLI only). */
  | { readonly type: 'gateway' };

/** Everything the product reads from a DIRAC configuration, typed and checked. */
export interface DiracConfiguration {
  /** Usable S3 StorageElements by name; a broken one is left out with a warning. */
  readonly storageElements: ReadonlyMap<string, StorageElement>;
  /** Credentials by StorageElement name, for those that have them here. */
  readonly credentials: ReadonlyMap<string, { readonly main: S3Credentials; readonly writeOnly: S3Credentials | undefined }>;
  readonly registry: Registry;
  readonly gateway: GatewaySettings;
  readonly catalog: CatalogSettings | undefined;
  readonly catalogRules: CatalogRules;
  /** `/Systems/DataManagement/URLs/S3Gateway`, as configured, in order. */
  readonly gatewayUrls: readonly string[];
  /** VO of this process (`/DIRAC/VirtualOrganization`), when set. */
  readonly vo: string | undefined;
}
