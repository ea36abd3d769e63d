import { DiracS3Error } from '@dirac-s3/core';
import { isDiracArray, isDiracObject, type DiracValue } from '@dirac-s3/core/dirac-protocol';

/** The four arguments of `createPresignedUrl`, checked as far as they can be without knowing the StorageElement. */
export interface AskedUrls {
  /** An SE, an alias, or the base that SEs derive from. */
  readonly storageName: string;
  /** As sent: an unknown one fails per URL. */
  readonly s3Method: string;
  /** The storage URLs as sent, each once, with what the caller gave for it. */
  readonly urls: ReadonlyMap<string, DiracValue>;
  readonly expirationSeconds: number;
}

/** What DIRAC's client asks for at most, by `getTransportURL`. */
const longestSeconds = 86_400;
/** Beyond this only downloads go: URLs that are handed to another application. */
export const longestTransferSeconds = 3600;

/** @throws invalid-argument naming the argument, too-many-items */
export function readArguments(args: readonly DiracValue[], maxItems: number): AskedUrls {
  const [storageName, s3Method, urls, expiration] = args;
  if (typeof storageName !== 'string') throw new DiracS3Error('invalid-argument', 'storageName: must be text');
  if (typeof s3Method !== 'string') throw new DiracS3Error('invalid-argument', 's3_method: must be text');
  const read = readUrls(urls, s3Method);
  if (read.size > maxItems)
    throw new DiracS3Error('too-many-items', `urls: ${read.size} are too many, this gateway accepts ${maxItems} in one call`);
  return { storageName, s3Method, urls: read, expirationSeconds: readExpiration(expiration, s3Method) };
}

function readUrls(urls: DiracValue | undefined, s3Method: string): ReadonlyMap<string, DiracValue> {
  if (isDiracObject(urls)) return new Map(Object.entries(urls));
  // The text is the original's.
  if (s3Method === 'put_object') throw new DiracS3Error('invalid-argument', 'urls has to be a dict <url:fields>');
  if (!isDiracArray(urls)) throw new DiracS3Error('invalid-argument', 'urls: must be a dict or a list');
  return new Map(
    urls.map((url) => {
      if (typeof url !== 'string') throw new DiracS3Error('invalid-argument', 'urls: must be a list of texts');
      // As a key of the answer it would be taken for the tag of another type.
      if (url === '__dCls') throw new DiracS3Error('invalid-argument', 'urls: "__dCls" cannot be a key');
      return [url, null];
    }),
  );
}

function readExpiration(value: DiracValue | undefined, s3Method: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > longestSeconds)
    throw new DiracS3Error('invalid-argument', `expiration: must be a whole number of seconds from 1 to ${longestSeconds}`);
  if (value > longestTransferSeconds && s3Method !== 'get_object')
    throw new DiracS3Error('invalid-argument', `expiration: more than ${longestTransferSeconds} seconds are for get_object alone`);
  return value;
}
