import { randomUUID } from 'node:crypto';
import { maxUploadBytes, storageUrlBaseOf, storageUrlOf, type StorageElement } from '../domain/index.js';
import { createBodyClient, createHttpClient, withShortRequests } from '../http/index.js';
import type { Clock, MultipartUploads, StoredObjects, UrlSource } from '../ports/index.js';
import type { RangeTools } from './get-ranges.js';
import { Listings } from './listings.js';
import type { PutTools } from './put-group.js';
import { pause, type RetryPolicy } from './retry.js';
import { uploadWayOf } from './upload-way.js';

export interface S3StorageElementOptions {
  readonly element: StorageElement;
  /** Who signs: this process (direct access) or the gateway. */
  readonly urls: UrlSource;
  /** VO of the user, where the StorageElement has a bucket per VO. */
  readonly vo?: string | undefined;
  /** Where streams are spooled. Default: the system's. */
  readonly temporaryDirectory?: string | undefined;
  /** A connection on which nothing moves for so long is given up. Default 60. */
  readonly idleTimeoutSeconds?: number | undefined;
  readonly retry?: RetryPolicy | undefined;
  readonly clock?: Clock | undefined;
  /** Where uploads in parts are begun. Default: nowhere, each file is one request. */
  readonly multipart?: MultipartUploads | undefined;
  /** Who tells what is stored under many names at once. Default: nobody, each name is asked for alone. */
  readonly objects?: StoredObjects | undefined;
  /** Directory in which transfers that can be resumed are listed, for `listTransfers`. Default: none, the journals beside the files are enough. */
  readonly stateDirectory?: string | undefined;
  /** How large files are cut. */
  readonly pieces?: PieceOptions | undefined;
}

export interface PieceOptions {
  /** Preferred size of parts; larger files are sent in parts. At least 5 MiB; default 128 MiB at a store like Ceph, else 32 MiB. */
  readonly partBytes?: number;
  /** Size of ranges; larger files are fetched in ranges. Default 32 MiB. */
  readonly rangeBytes?: number;
  /** Largest object that is copied inside the store by one request; a larger one goes in parts. Default, and at most, 5 GiB. */
  readonly singleCopyBytes?: number;
  /** Parts or ranges of a file at a time, at most. Default 8. */
  readonly parallel?: number;
}

const mebibyte = 1024 * 1024;

/** What the operations of one StorageElement share. */
export interface S3Tools extends PutTools, RangeTools {
  readonly urls: UrlSource;
  readonly storageElement: string;
  readonly partBytes: number;
  readonly mostParts: number;
  readonly singleCopyBytes: number;
  readonly multipart: MultipartUploads | undefined;
  /** Marks a temporary file. */
  readonly newUnique: () => string;
  readonly close: () => void;
}

/** The defaults a library user need not bring are given here. */
export function toolsOf(options: S3StorageElementOptions): S3Tools {
  const {
    element,
    urls,
    vo,
    temporaryDirectory,
    idleTimeoutSeconds,
    retry,
    clock,
    multipart,
    objects,
    stateDirectory,
    pieces = {},
  } = options;
  const base = storageUrlBaseOf(element, vo);
  const parallel = pieces.parallel ?? 8;
  const connections = { unavailable: 'storage-unavailable', caFile: element.caFile, idleTimeoutSeconds } as const;
  const bodies = createBodyClient(connections);
  const http = withShortRequests(createHttpClient(connections), bodies, connections.unavailable);
  return {
    http,
    bodies,
    close: () => {
      http.close();
      bodies.close();
    },
    retry: retry ?? { sleep: pause, random: Math.random },
    clock: clock ?? { now: () => new Date() },
    monotonic: () => performance.now(),
    storageElement: element.name,
    urls,
    uploadWay: uploadWayOf(element, urls),
    temporaryDirectory,
    newBoundary: () => `dirac-s3-${randomUUID()}`,
    newUnique: () => randomUUID(),
    storageUrl: (lfn) => storageUrlOf(base, lfn),
    multipart,
    listings: new Listings(element.name, objects),
    stateDirectory,
    // Ceph, the store that honours unsigned headers, writes large parts best.
    partBytes: pieces.partBytes ?? (element.unsignedHeaders === 'honoured' ? 128 : 32) * mebibyte,
    rangeBytes: pieces.rangeBytes ?? 32 * mebibyte,
    singleCopyBytes: Math.min(maxUploadBytes, pieces.singleCopyBytes ?? maxUploadBytes),
    mostParts: parallel,
    mostRanges: parallel,
  };
}

/** A piece is a small loss: it is tried more often than a whole file. */
export function longer(retry: RetryPolicy): RetryPolicy {
  return { ...retry, attempts: Math.max(8, retry.attempts ?? 0) };
}
