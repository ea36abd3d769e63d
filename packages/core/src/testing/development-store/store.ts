import { mkdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type CheckName, Checks } from './checks.js';
import { randomCredential, type StoreCredential } from './credentials.js';
import type { FaultHook } from './faults.js';
import { ObjectFiles } from './object-files.js';
import { createStoreServer } from './server.js';
import type { StoreClock } from './store-context.js';
import { UploadFiles } from './upload-files.js';

export interface DevelopmentStoreOptions {
  /** Holds everything the store keeps; made when missing. */
  readonly directory: string;
  /** Made when missing. */
  readonly buckets: readonly string[];
  /** Default: one key with all rights and one that may only write, both random. */
  readonly credentials?: readonly StoreCredential[];
  /** Default: us-east-1. */
  readonly region?: string;
  /** On 127.0.0.1. Default: a free one. */
  readonly port?: number;
  readonly clock?: StoreClock;
  readonly faults?: FaultHook;
  /** Origins whose pages may use the store. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** For tests of the tests alone. */
  readonly disabledChecks?: ReadonlySet<CheckName>;
}

export interface DevelopmentStore {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly port: number;
  readonly region: string;
  readonly credentials: readonly StoreCredential[];
  /** Ends open connections too; the files stay. */
  close(): Promise<void>;
}

/** Starts a small, strict S3 server for development and tests. It listens on 127.0.0.1 only. */
export async function startDevelopmentStore(options: DevelopmentStoreOptions): Promise<DevelopmentStore> {
  const { directory, buckets, port = 0, region = 'us-east-1' } = options;
  const credentials = options.credentials ?? [randomCredential(), randomCredential('write-only')];
  if (credentials.length === 0) throw new Error('The development store needs a credential.');
  const temporary = join(directory, 'temporary');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const objects = new ObjectFiles(join(directory, 'buckets'));
  for (const bucket of buckets) objects.createBucket(bucket);
  const server = createStoreServer(
    {
      region,
      clock: options.clock ?? { now: () => new Date() },
      checks: new Checks(options.disabledChecks),
      credentials,
      objects,
      uploads: new UploadFiles(join(directory, 'uploads')),
      temporary,
      allowedOrigins: options.allowedOrigins ?? [],
    },
    options.faults ?? (() => undefined),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const used = (server.address() as AddressInfo).port;
  return {
    origin: `http://127.0.0.1:${used}`,
    port: used,
    region,
    credentials,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
