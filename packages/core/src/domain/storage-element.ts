import { effectivePort, defaultPort, type StorageUrlBase } from './object-key.js';
import type { Secret } from './secret.js';
import type { StatusKind } from './s3-method.js';
import { DiracS3Error } from '../errors/index.js';

/** How the bucket is named in a URL: in the path, or in front of the host. Path style fits every store. */
export type AddressingStyle = 'path' | 'virtual-host';

/** Why a URL is wanted; each purpose has its own lifetime. */
export type Purpose = 'transfer' | 'external';

/**
 * Does the store apply `x-amz-*` headers that the signature does not cover? Measured on Ceph 16: it does, so that the
 * holder of a PUT URL could copy another object into his own (`x-amz-copy-source`) or publish it (`x-amz-acl`).
 * AWS refuses them.
 */
export type UnsignedHeaders = 'honoured' | 'refused';

export interface ExpirationPolicy {
  /** Lifetime in seconds when the caller names none. */
  readonly defaultSeconds: number;
  /** Longest lifetime a caller may ask for; at most 604 800 (SigV4's seven days). */
  readonly maxSeconds: number;
}

/** Keys of a store. The secrets cannot be printed. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  /** End of temporary credentials: no URL outlives it. */
  readonly expiresAt?: Date;
}

/** Where requests go: scheme, host and port. `port` is undefined for the default port of the scheme. */
export interface Endpoint {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number | undefined;
}

/** What StorageElements of every kind have. */
export interface StorageElementFacts {
  readonly name: string;
  /** The `BaseSE` it derives from; unmodified DIRAC clients send this name to the gateway. */
  readonly baseName: string | undefined;
  /** Protocol section the options came from, for messages. */
  readonly section: string;
  /** VOs that may use it; empty means every VO. */
  readonly vos: readonly string[];
  /** `ReadAccess` … as configured: `Active` and `Degraded` permit, anything else forbids. */
  readonly status: Readonly<Record<StatusKind, string>>;
  /** States that differ for a VO, as the ResourceStatus service knows them. */
  readonly voStatus?: ReadonlyMap<string, Readonly<Partial<Record<StatusKind, string>>>>;
  /** Why the states are not known, when they are not. */
  readonly statusFault?: string;
}

/** A mounted directory as StorageElement (DIRAC's plug-in `File`). */
export interface FileStorageElement extends StorageElementFacts {
  /** Absolute; files are stored below it under their LFN. */
  readonly directory: string;
}

/** One S3 StorageElement as configured: one bucket at one endpoint. Holds no secret. */
export interface StorageElement extends StorageElementFacts {
  readonly endpoint: Endpoint;
  /** Endpoint written into URLs that are handed out, when it differs from the internal one. */
  readonly publicEndpoint: Endpoint | undefined;
  readonly bucket: string;
  /** Bucket per VO (`VOPath/<vo>`), overriding `bucket` for users of that VO. */
  readonly voBuckets: ReadonlyMap<string, string>;
  readonly region: string;
  readonly addressingStyle: AddressingStyle;
  /** PEM file of the authority that signed the store's certificate. */
  readonly caFile: string | undefined;
  readonly unsignedHeaders: UnsignedHeaders;
  readonly expiration: Readonly<Record<Purpose, ExpirationPolicy>>;
  /** `direct` when this process has the credentials, else everything goes through the gateway. */
  readonly access: 'direct' | 'via-gateway';
}

/** The states as they are for a VO. */
export function statusFor(element: StorageElementFacts, vo: string | undefined): Readonly<Record<StatusKind, string>> {
  return vo === undefined ? element.status : { ...element.status, ...element.voStatus?.get(vo) };
}

export function isOpenFor(element: StorageElementFacts, kind: StatusKind, vo?: string): boolean {
  const status = statusFor(element, vo);
  const open = (name: StatusKind): boolean => status[name] === 'Active' || status[name] === 'Degraded';
  // DIRAC's rule (`StorageElement.status`): whoever may read may also check.
  return kind === 'Check' ? open('Read') || open('Check') : open(kind);
}

export function isOpenToVo(element: StorageElementFacts, vo: string): boolean {
  return element.vos.length === 0 || element.vos.includes(vo);
}

/** @throws access-not-allowed, for a whole operation, before anything is asked or moved */
export function refuseClosed(element: StorageElementFacts, kind: StatusKind, vo?: string): void {
  const name = JSON.stringify(element.name);
  if (!isOpenFor(element, kind, vo)) {
    const why = element.statusFault === undefined ? '' : ` (${element.statusFault})`;
    throw new DiracS3Error('access-not-allowed', `${name} is closed: its ${kind}Access is ${statusFor(element, vo)[kind]}${why}`);
  }
  if (vo !== undefined && !isOpenToVo(element, vo))
    throw new DiracS3Error('access-not-allowed', `${name} is not open to the VO ${JSON.stringify(vo)}`);
}

/** The same endpoint, by whatever names: scheme apart, a store is where it listens. */
export function isSamePlace(one: Pick<StorageElement, 'endpoint'>, other: Pick<StorageElement, 'endpoint'>): boolean {
  const placeOf = ({ endpoint }: Pick<StorageElement, 'endpoint'>): string => `${endpoint.host.toLowerCase()}:${effectivePort(endpoint)}`;
  return placeOf(one) === placeOf(other);
}

export function bucketFor(element: StorageElement, vo: string | undefined): string {
  return (vo === undefined ? undefined : element.voBuckets.get(vo)) ?? element.bucket;
}

/** What storage URLs of this StorageElement are built from and compared with. */
export function storageUrlBaseOf(element: StorageElement, vo?: string): StorageUrlBase {
  return { ...element.endpoint, bucket: bucketFor(element, vo) };
}

/** `https://host[:port]`, the port only when it is not the default one. */
export function originOf(endpoint: Endpoint): string {
  const port = effectivePort(endpoint);
  const scheme = endpoint.secure ? 'https' : 'http';
  return `${scheme}://${endpoint.host}${port === defaultPort(endpoint.secure) ? '' : `:${port}`}`;
}
