import type { Endpoint } from '../../domain/index.js';
import { checked, hint, type Kind } from '../kinds.js';

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i;

/** A bare host, in lower case: clients lower-case it on the wire, and the signature covers it. */
export const host: Kind<string> = {
  type: 'host name or address',
  read: (value) => {
    if (hostPattern.test(value) && value.length <= 255) return { value: value.toLowerCase() };
    if (value.includes('://')) return { fault: 'must be a bare host: without the scheme, SecureConnection chooses it' };
    if (value.includes('/')) return { fault: 'must be a bare host: without a path, Path names the bucket' };
    if (/:\d+$/.test(value) && value.split(':').length === 2) return { fault: 'must be a bare host: the port goes into Port' };
    return { fault: `must be a host name, an IPv4 address or an IPv6 address in brackets${hint(value)}` };
  },
};

/** `Port`: undefined for the default port of the scheme, which DIRAC writes as `0`. */
export const port: Kind<number> = {
  type: 'port, or `0`',
  read: (value) => {
    const number = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
    return number <= 65_535 ? { value: number } : { fault: `must be a port from 1 to 65535, or 0 for the default one${hint(value)}` };
  },
};

/** `Path` is the name of the bucket and nothing else. The characters are those botocore lets through. */
export function bucketFault(value: string): string | undefined {
  if (value.startsWith('/')) return 'must be the bare name of the bucket: it starts with "/"';
  if (value.endsWith('/')) return 'must be the bare name of the bucket: it ends with "/"';
  if (value.includes('/')) return 'must be the bare name of the bucket: a prefix inside the bucket is not supported';
  if (!/^[A-Za-z0-9._-]{3,255}$/.test(value)) return 'is no bucket name: 3 to 255 letters, digits, ".", "-" and "_"';
  if (value.includes('..') || /^\.|\.$/.test(value)) return 'is no bucket name: dots stand alone between other characters';
  return undefined;
}

export const bucket = checked('bucket name', bucketFault);

/** True for buckets that can be the first label of a host name (virtual-host style). */
export function isDnsBucket(name: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(name) && name.length <= 63;
}

/** One half of a key pair, or a token. The fault never quotes it. */
export const keyText = checked('text', (value) => {
  if (/^".*"$|^'.*'$/.test(value)) return 'must be written bare';
  return /^[\x21-\x7e]+$/.test(value) ? undefined : 'must be printable ASCII without spaces';
});

export const region = checked('text', (value) =>
  /^[A-Za-z0-9._-]{1,64}$/.test(value) ? undefined : 'must be letters, digits, ".", "-" and "_"',
);

/** `https://host[:port]`: where URLs that are handed out point to. */
export const endpoint: Kind<Endpoint> = {
  type: '`https://host[:port]`',
  read: (value) => {
    const match = /^(https?):\/\/([^/?#@]+?)(?::(\d{1,5}))?\/?$/.exec(value);
    const number = match?.[3] === undefined ? 0 : Number(match[3]);
    const name = match?.[2];
    if (match === null || name === undefined || !hostPattern.test(name) || number > 65_535) {
      return { fault: `must be https://host[:port] without path, user or query${hint(value)}` };
    }
    const secure = match[1] === 'https';
    return { value: { secure, host: name.toLowerCase(), port: number === 0 || number === (secure ? 443 : 80) ? undefined : number } };
  },
};

/** An instant with its zone, as ISO 8601 writes it. */
export const instant: Kind<Date> = {
  type: 'instant (ISO 8601)',
  read: (value) => {
    const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
    const date = form.test(value) ? new Date(value) : new Date(Number.NaN);
    return Number.isNaN(date.getTime())
      ? { fault: `must be an instant with its zone, like 2026-01-31T12:00:00Z${hint(value)}` }
      : { value: date };
  },
};
