import type { Lfn, StorageElement } from '../domain/index.js';
import { createHttpClient, type HttpClient } from '../http/index.js';
import type { UrlSource } from '../ports/index.js';
import { headObject } from './object-requests.js';
import { pause, type RetryPolicy } from './retry.js';
import { presignedUrlOf } from './signed-urls.js';

/** What a store says of an object, in its own words: the headers of its answer to HEAD, names in lower case. */
export type ObjectHead = Readonly<Record<string, string>>;

export interface ObjectHeads {
  /**
   * Asks the store; undefined only when it says that the object is not there (404).
   *
   * @throws storage-unavailable, storage-refused, timeout; and what `urls` refuses
   */
  of(element: StorageElement, lfn: Lfn, urls: UrlSource): Promise<ObjectHead | undefined>;
  /** Closes idle connections. */
  close(): void;
}

export interface ObjectHeadsOptions {
  /** A connection on which nothing moves for so long is given up. Default 10. */
  readonly idleTimeoutSeconds?: number | undefined;
  /** Default 5. */
  readonly connectTimeoutSeconds?: number | undefined;
  /** Default: two attempts. */
  readonly retry?: RetryPolicy | undefined;
}

/** Life of a URL that is used at once and never leaves this process. */
const longestSeconds = 60;

/** For whoever answers in a store's place: HEAD requests, one object at a time, with connections kept per authority file. */
export function createObjectHeads(options: ObjectHeadsOptions = {}): ObjectHeads {
  const { idleTimeoutSeconds = 10, connectTimeoutSeconds = 5 } = options;
  const retry = options.retry ?? { attempts: 2, sleep: pause, random: Math.random };
  const clients = new Map<string | undefined, HttpClient>();
  const clientFor = ({ caFile }: StorageElement): HttpClient => {
    const known = clients.get(caFile);
    if (known !== undefined) return known;
    const client = createHttpClient({ unavailable: 'storage-unavailable', caFile, idleTimeoutSeconds, connectTimeoutSeconds });
    clients.set(caFile, client);
    return client;
  };
  return {
    async of(element, lfn, urls) {
      const expirationSeconds = Math.min(longestSeconds, element.expiration.transfer.maxSeconds);
      const answer = await urls.presign({ storageElement: element.name, method: 'head_object', items: [{ lfn }], expirationSeconds });
      const head = await headObject({ http: clientFor(element), retry }, lfn, presignedUrlOf(answer, lfn));
      return head === undefined ? undefined : textHeaders(head.headers);
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}

function textHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): ObjectHead {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}
