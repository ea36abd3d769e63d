import type { FileStorageElement, LfnDirectory, S3Credentials, Secret, StorageElement } from '../domain/index.js';
import type { ElementProtocols } from '../protocols/index.js';
import type { RevocationPolicy } from '../x509/index.js';

/** A remark about the configuration: which option, where it was read, what is the matter. */
export interface ConfigRemark {
  /** Path of the option or section, `/Resources/StorageElements/X/…`. */
  readonly path: string;
  readonly message: string;
  /** `file:line:column` (or `-o …`, or the layer's name) when known. */
  readonly source: string | undefined;
  /** A warning that everybody should see, not only who asks for remarks: a secret lies open, or a StorageElement is not used. */
  readonly grave?: true;
}

/** What every normalising step gives back: it never exits and never throws for what an operator wrote. */
export interface ConfigOutcome<Config> {
  readonly config: Config;
  readonly warnings: readonly ConfigRemark[];
  readonly errors: readonly ConfigRemark[];
}

export type SecurityManagerName =
  'NoSecurityManager' | 'DirectorySecurityManager' | 'DirectorySecurityManagerWithDelete' | 'FullSecurityManager' | 'VOMSSecurityManager';

/** How the embedded catalog and the reader of DIRAC's database judge, read where DIRAC's FileCatalog service reads it (`/Systems/DataManagement/Services/FileCatalog`). */
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

/** `/Registry`: who is who. Lookups by exact name; the order is that of the configuration, and the first counts. */
export interface Registry {
  readonly users: ReadonlyMap<
    string,
    {
      readonly dns: readonly string[];
      readonly suspendedVos: readonly string[];
      /** Groups he acts in when he names none, in order of preference. */
      readonly defaultGroups: readonly string[];
    }
  >;
  readonly groups: ReadonlyMap<
    string,
    {
      readonly users: readonly string[];
      readonly properties: readonly string[];
      readonly vo: string;
      readonly vomsRole: string | undefined;
    }
  >;
  /** Services by nickname. */
  readonly hosts: ReadonlyMap<string, { readonly dns: readonly string[]; readonly properties: readonly string[] }>;
  /** Groups that come after a user's own `defaultGroups`. */
  readonly defaultGroups: readonly string[];
}

interface IssuerFacts {
  readonly name: string;
  /** Exact value of `iss`. */
  readonly issuer: string;
  readonly algorithms: readonly string[];
  /** Where the keys are: a local file or an https URL (http on loopback only). */
  readonly jwks: { readonly file: string } | { readonly url: string };
  /** VOs whose groups its tokens may name; undefined: any. */
  readonly vos: readonly string[] | undefined;
}

/** Tokens with one claim for the user and one for the group (DIRAC's identity providers and others). */
export interface OidcIssuer extends IssuerFacts {
  readonly kind: 'oidc';
  /** Required value of `aud`. */
  readonly audience: string;
  readonly usernameClaim: string;
  readonly groupClaim: string;
}

/** Access tokens of a DiracX installation: they have no `aud`, and user names are unique within a VO only. */
export interface DiracxIssuer extends IssuerFacts {
  readonly kind: 'diracx';
  /** Required value of `aud`, should a future DiracX write one. */
  readonly audience: string | undefined;
  readonly vos: readonly string[];
}

/** Tokens by the WLCG Common JWT profile (INDIGO IAM). */
export interface WlcgIssuer extends IssuerFacts {
  readonly kind: 'wlcg';
  readonly audience: string;
  /** DIRAC groups and the `wlcg.groups` they stand for, in the order of the configuration. */
  readonly groups: readonly { readonly group: string; readonly path: string }[];
  /** User name by `sub`; undefined: the Registry lists `/O=DIRAC/CN=<sub>` among the DNs of a user, as DIRAC itself wants it. */
  readonly users: ReadonlyMap<string, string> | undefined;
  /** Directory that `/` of a `storage.*` scope stands for. */
  readonly basePath: LfnDirectory;
}

/** One issuer of tokens (`…/Services/S3Gateway/Issuers/<name>`). */
export type IssuerSettings = OidcIssuer | DiracxIssuer | WlcgIssuer;

/** The section `Authorization` of a service: words of the rule by method, that of every other method under `Default`. */
export type AuthorizationRules = ReadonlyMap<string, readonly string[]>;

/** How certificates of clients are judged. */
export interface ClientCertificateSettings {
  /** Directory of the trusted authorities and their revocation lists. */
  readonly caDirectory: string;
  readonly revocation: RevocationPolicy;
  /** Smallest RSA key that counts, in bits. */
  readonly minRsaBits: number;
}

/** Who may call, and how it is proven (`…/Services/S3Gateway`). */
export interface AuthenticationSettings {
  /** Undefined: clients are not asked for a certificate. */
  readonly clientCertificates: ClientCertificateSettings | undefined;
  readonly rules: AuthorizationRules;
  /** Where DIRAC's AuthManager lets in more than its rules say: closed, or as it does. */
  readonly authorization: 'closed' | 'as-dirac';
  /** What whoever comes with a limited proxy may do: the same as with a full one, or reading only. */
  readonly limitedProxies: 'accept' | 'read-only';
}

/** The listener that answers `head_object` of DIRAC clients (`…/Services/S3Gateway/Probe`). */
export interface ProbeSettings {
  /** Where links start, without a slash at the end. */
  readonly publicUrl: string;
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** The first one signs, all are accepted. */
  readonly keys: readonly Secret[];
  readonly lifetimeSeconds: number;
}

/** How uploads in parts are bound to their users (`…/Services/S3Gateway/UploadSessions`). */
export interface UploadSessionSettings {
  /** The first one signs, all are accepted. Undefined: a random one of the process. */
  readonly keys: readonly Secret[] | undefined;
  readonly lifetimeSeconds: number;
  readonly limitSeconds: number;
}

/** Settings of the gateway process (`/Systems/DataManagement/Services/S3Gateway`). */
export interface GatewaySettings {
  /** Undefined: every address of this machine. */
  readonly host: string | undefined;
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Where metrics are served, to anybody; undefined: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly maxItems: number;
  readonly maxBodyBytes: number;
  readonly requestTimeoutSeconds: number;
  readonly headersTimeoutSeconds: number;
  readonly shutdownTimeoutSeconds: number;
  readonly issuers: readonly IssuerSettings[];
  readonly authentication: AuthenticationSettings;
  readonly policies: PresignPolicies;
  /** `as-dirac`: the operator wants the store's own URLs; undefined: he has not said anything. */
  readonly probe: ProbeSettings | 'as-dirac' | undefined;
  readonly uploadSessions: UploadSessionSettings;
}

/** DIRAC's FileCatalogDB, reached by an account that may only read it. */
export interface FileCatalogDatabase {
  readonly host: string;
  readonly port: number;
  /** Unix socket, used in place of host and port. */
  readonly socketPath: string | undefined;
  readonly database: string;
  readonly user: string;
  readonly password: Secret;
  /** PEM file of authorities; set, the connection is TLS and the server's name is checked. */
  readonly caFile: string | undefined;
  /** For one question, whatever has to be done for it. */
  readonly timeoutSeconds: number;
  /** Most connections at a time. */
  readonly connections: number;
  /** Whether a server that is read-only may be asked. */
  readonly allowReplica: boolean;
}

/** How long the gateway remembers answers about permission. */
export interface CatalogCacheSettings {
  /** 0: not at all. */
  readonly allowedSeconds: number;
  /** 0: not at all. */
  readonly refusedSeconds: number;
  /** Most answers at a time. */
  readonly cacheSize: number;
}

/** DIRAC's File Catalog service. */
export interface FileCatalogServiceSettings {
  /** `DataManagement/FileCatalog` */
  readonly service: string;
  /** `dips://` and `https://`, in no order. */
  readonly urls: readonly string[];
  /** For one question, over all URLs. */
  readonly timeoutSeconds: number;
}

/** Which catalog this process talks to. */
export type CatalogSettings =
  | { readonly type: 'sqlite'; readonly path: string }
  | {
      readonly type: 'file-catalog-db';
      readonly database: FileCatalogDatabase;
      /** Where users' own operations go; without it they are refused, since the database is only read. */
      readonly service: FileCatalogServiceSettings | undefined;
      /** What a difference between the two comes to at the start. */
      readonly compareWithService: 'refuse' | 'report' | 'no';
      readonly cache: CatalogCacheSettings;
    }
  | { readonly type: 'file-catalog'; readonly service: FileCatalogServiceSettings; readonly cache: CatalogCacheSettings }
  /** The REST interface of the gateway (CLI only). */
  | { readonly type: 'gateway' };

/** `/DIRAC/Security`. What cannot be read keeps its default and is a warning. */
export interface SecuritySettings {
  readonly useServerCertificate: boolean;
  readonly useTokens: boolean;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly gridSecurity: string | undefined;
  readonly caLocation: string | undefined;
}

/** Where the states of StorageElements come from. */
export interface ResourceStatusSettings {
  /** URLs of the ResourceStatus service; none: the options of the StorageElement (`ReadAccess` …) say all. */
  readonly urls: readonly string[];
  readonly cacheSeconds: number;
}

/** What data management reads beside the StorageElements themselves. */
export interface DataManagementSettings {
  /** Protocols under which replicas may be registered, in order of preference. */
  readonly registrationProtocols: readonly string[];
  /** Protocols between two stores, without `s3`. */
  readonly thirdPartyProtocols: readonly string[];
  /** Every StorageElement, by name and by alias, whichever protocols it speaks. */
  readonly elements: ReadonlyMap<string, ElementProtocols>;
  /** `StorageElementGroups` as they are written. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Site of a StorageElement, where one lists it. */
  readonly siteOf: ReadonlyMap<string, string>;
  /** Site of this process (`/LocalSite/Site`), when set. */
  readonly ownSite: string | undefined;
  /** What a StorageElement derives from (`BaseSE`), for those that do. */
  readonly baseOf: ReadonlyMap<string, string>;
  /** `MultiHopMatrixOfShame`: the StorageElement between two others, by source and destination, as it is written. */
  readonly multiHops: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** An issuer of tokens, as a user's own program sees it (`/Resources/IdProviders/<name>`). */
export interface IdProvider {
  readonly issuer: string;
  readonly clientId: string | undefined;
  readonly scope: string | undefined;
}

/** Everything the product reads from a DIRAC configuration, typed and checked. */
export interface DiracConfiguration {
  /** Usable S3 StorageElements by name; a broken one is left out with a warning. */
  readonly storageElements: ReadonlyMap<string, StorageElement>;
  /** Usable mounted directories by name and alias; one may be an S3 StorageElement too. */
  readonly fileStorageElements: ReadonlyMap<string, FileStorageElement>;
  readonly dataManagement: DataManagementSettings;
  /** Credentials by StorageElement name, for those that have them here. */
  readonly credentials: ReadonlyMap<string, { readonly main: S3Credentials; readonly writeOnly: S3Credentials | undefined }>;
  readonly registry: Registry;
  readonly gateway: GatewaySettings;
  readonly catalog: CatalogSettings | undefined;
  readonly catalogRules: CatalogRules;
  /** `/Systems/DataManagement/URLs/S3Gateway`, as configured, in order. */
  readonly gatewayUrls: readonly string[];
  /** What is shown to services of DIRAC, and who may have signed their certificates. */
  readonly security: SecuritySettings;
  readonly idProviders: ReadonlyMap<string, IdProvider>;
  /** Where the states of StorageElements come from. */
  readonly resourceStatus: ResourceStatusSettings;
  /** VO of this process (`/DIRAC/VirtualOrganization`), when set. */
  readonly vo: string | undefined;
}
