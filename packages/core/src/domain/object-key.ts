import { DiracS3Error } from '../errors/index.js';
import { lfnFault, parseLfn, quoted, type Lfn } from './lfn.js';

declare const keyBrand: unique symbol;

/** Key of an S3 object: the LFN without its leading slash. */
export type ObjectKey = string & { readonly [keyBrand]: true };

/** What a storage URL needs to know of a StorageElement; `port` undefined is the default port of the scheme. */
export interface StorageUrlBase {
  readonly host: string;
  /** Undefined, or a port other than the default one of the endpoint's scheme. */
  readonly port: number | undefined;
  readonly secure: boolean;
  readonly bucket: string;
}

export function objectKeyOf(lfn: Lfn): ObjectKey {
  return lfn.slice(1) as ObjectKey;
}

/** The LFN a key belongs to; a key that no LFN can have is refused. */
export function lfnOfObjectKey(key: string): Lfn {
  return parseLfn(`/${key}`);
}

/**
 * DIRAC's name for a replica (its "PFN"): `s3://host[:port]/bucket/lfn`, not percent-encoded (`Core/Utilities/Pfn.py`).
 * The port is written only when it is not the default of the endpoint, so `:0` never appears.
 */
export function storageUrlOf(base: StorageUrlBase, lfn: Lfn): string {
  const port = effectivePort(base) === defaultPort(base.secure) ? '' : `:${effectivePort(base)}`;
  return `s3://${base.host}${port}/${base.bucket}${lfn}`;
}

/**
 * The LFN inside a storage URL of this StorageElement; any other scheme, host, port or bucket is `invalid-storage-url`.
 *
 * `:0`, no port and the scheme's default port are equal on input, because DIRAC clients send and register
 * `s3://host:0/…` for `Port = 0`. Nothing is percent-decoded: DIRAC does not encode. The text is cut by hand, since a
 * URL parser would collapse `..` and so silently read another name than the one that was sent.
 */
export function lfnOfStorageUrl(base: StorageUrlBase, url: string): Lfn {
  const cut = cutStorageUrl(base, url);
  const fault = 'fault' in cut ? cut.fault : lfnFault(cut.lfn);
  if ('fault' in cut || fault !== undefined) throw new DiracS3Error('invalid-storage-url', `${quoted(url, 300)}: ${fault!}`);
  return cut.lfn as Lfn;
}

/** True when scheme, host, port and bucket of a storage URL are those of this StorageElement, whatever name follows. */
export function isStorageUrlOf(base: StorageUrlBase, url: string): boolean {
  return 'lfn' in cutStorageUrl(base, url);
}

function cutStorageUrl(base: StorageUrlBase, url: string): { readonly lfn: string } | { readonly fault: string } {
  const match = /^([a-z0-9+.-]+):\/\/([^/?#]*)(\/.*)?$/is.exec(url);
  if (!match) return { fault: 'not a storage URL (expected s3://host[:port]/bucket/lfn)' };
  const [, scheme = '', authority = '', path = ''] = match;
  if (scheme !== 's3') return { fault: `the scheme must be "s3", not ${quoted(scheme, 20)}` };
  const parts = /^([^:@]+|\[[0-9a-f:]+\])(?::(\d{1,5}))?$/i.exec(authority);
  if (!parts) return { fault: 'the host part is not host[:port]' };
  const [, host = '', portText] = parts;
  if (host.toLowerCase() !== base.host.toLowerCase()) return { fault: `the host is not that of the StorageElement ("${base.host}")` };
  const port = portText === undefined || Number(portText) === 0 ? defaultPort(base.secure) : Number(portText);
  if (port !== effectivePort(base)) return { fault: `the port is not that of the StorageElement (${effectivePort(base)})` };
  const prefix = `/${base.bucket}/`;
  if (!path.startsWith(prefix)) return { fault: `the bucket is not that of the StorageElement ("${base.bucket}")` };
  return { lfn: path.slice(prefix.length - 1) };
}

export function defaultPort(secure: boolean): number {
  return secure ? 443 : 80;
}

/** The TCP port of the endpoint. */
export function effectivePort(base: Pick<StorageUrlBase, 'port' | 'secure'>): number {
  return base.port === undefined || base.port === 0 ? defaultPort(base.secure) : base.port;
}
