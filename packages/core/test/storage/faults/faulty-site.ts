import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { openSqliteFileCatalog, type SqliteFileCatalog } from '../../../src/adapters/catalog/sqlite/index.js';
import { createS3Presigner } from '../../../src/adapters/s3/index.js';
import { createDataManager, type DataManager } from '../../../src/data-management/index.js';
import { Secret, type Lfn, type StorageElement } from '../../../src/domain/index.js';
import type { UrlSource } from '../../../src/ports/index.js';
import { createDirectUrlSource, createPresignUrls } from '../../../src/presign/index.js';
import { createS3StorageElement, type S3StorageElement, type S3StorageElementOptions } from '../../../src/storage/index.js';
import { memoryAuditSink } from '../../../src/testing/index.js';
import { alice, elementAt, home, type Way } from '../world.js';

/** A store of which the run must know no more than a client does. */
export interface StoreFacts {
  readonly origin: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface SiteOptions {
  readonly store: StoreFacts;
  /** Port of the proxy. */
  readonly port: number;
  /** What a transfer by parts needs more, once there is one. */
  readonly more?: (element: StorageElement, urls: UrlSource) => Partial<S3StorageElementOptions>;
}

const clock = { now: () => new Date() };

/** A catalog and one user's data management, both ways, through the proxy; and the store as it is, without the proxy, to look at the truth. */
export class FaultySite {
  readonly folder = mkdtempSync(join(tmpdir(), 'dirac-s3-faults-'));
  readonly catalog: SqliteFileCatalog;
  /** Without the proxy. */
  readonly truth: S3StorageElement;
  readonly #options: SiteOptions;
  readonly #elements: Record<Way, S3StorageElement>;
  readonly #s3: S3Client;

  constructor(options: SiteOptions) {
    this.#options = options;
    const { store, port } = options;
    for (const name of ['source', 'copy', 'spool']) mkdirSync(join(this.folder, name));
    this.catalog = openSqliteFileCatalog({
      path: join(this.folder, 'catalog.db'),
      rules: { securityManager: 'VOMSSecurityManager', globalReadAccess: false, defaultMode: 0o775, visibleStates: ['AprioriGood'] },
      vomsRoleOf: () => undefined,
      openRoot: 'never',
      clock,
    });
    this.#elements = { direct: this.#element(port, 'direct'), 'via-gateway': this.#element(port, 'via-gateway') };
    this.truth = this.#element(Number(new URL(store.origin).port), 'direct');
    const { accessKeyId, secretAccessKey } = store.credentials;
    this.#s3 = new S3Client({
      endpoint: store.origin,
      region: store.region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async seed(): Promise<void> {
    await this.catalog.administration.createDirectories([{ path: home, owner: 'alice', group: 'users', mode: 0o755 }]);
  }

  manager(way: Way): DataManager {
    return createDataManager({ catalog: this.catalog.catalogFor(alice), storageElement: () => this.#elements[way] });
  }

  /** Keys below the LFN of a directory, as the store lists them. */
  async storedBelow(directory: Lfn): Promise<string[]> {
    const keys: string[] = [];
    for (let token: string | undefined; ;) {
      const Prefix = `${directory.slice(1)}/`;
      const page = await this.#s3.send(new ListObjectsV2Command({ Bucket: this.#options.store.bucket, Prefix, ContinuationToken: token }));
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => `/${Key}`));
      token = page.NextContinuationToken;
      if (token === undefined) return keys.sort();
    }
  }

  /** Multipart uploads that were neither completed nor aborted. */
  async openUploads(directory: Lfn): Promise<string[]> {
    const Prefix = `${directory.slice(1)}/`;
    const { Uploads = [] } = await this.#s3.send(new ListMultipartUploadsCommand({ Bucket: this.#options.store.bucket, Prefix }));
    return Uploads.map(({ Key = '' }) => `/${Key}`);
  }

  close(): void {
    for (const element of [this.truth, ...Object.values(this.#elements)]) element.close();
    this.#s3.destroy();
    this.catalog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #element(port: number, way: Way): S3StorageElement {
    const { store, more } = this.#options;
    const element = elementAt(port, { access: way, bucket: store.bucket, region: store.region });
    const keys = { accessKeyId: store.credentials.accessKeyId, secretAccessKey: new Secret(store.credentials.secretAccessKey) };
    const signer = { ...element, access: 'direct' as const };
    const signing = {
      registry: { find: () => signer, all: () => [signer] },
      presigner: createS3Presigner({ credentials: { credentialsOf: () => keys } }),
      clock,
    };
    const presignUrls = createPresignUrls({
      ...signing,
      permissions: this.catalog,
      replicas: this.catalog,
      audit: memoryAuditSink(),
      policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
    });
    const urls: UrlSource =
      way === 'direct'
        ? createDirectUrlSource({ ...signing, vo: 'vo' })
        : { presign: (request) => presignUrls({ ...request, identity: alice, requestId: 'faults' }) };
    return createS3StorageElement({
      element,
      urls,
      temporaryDirectory: join(this.folder, 'spool'),
      // Whoever waits in earnest waits for nothing here: the faults do not pass with time.
      retry: { sleep: () => Promise.resolve(), random: () => 0 },
      ...more?.(element, urls),
    });
  }
}
