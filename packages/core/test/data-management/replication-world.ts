import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteFileCatalog, type SqliteFileCatalog } from '../../src/adapters/catalog/sqlite/index.js';
import { createS3Presigner, createUploadFinder, createUploadStarter } from '../../src/adapters/s3/index.js';
import { createDataManager, type DataManager, type DataManagerDependencies } from '../../src/data-management/index.js';
import {
  adler32,
  Secret,
  singleResult,
  type BulkResult,
  type FileStorageElement,
  type Lfn,
  type StorageElement,
} from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { CredentialsProvider, FoundUpload, MultipartUpload, MultipartUploads, UrlSource } from '../../src/ports/index.js';
import { createDirectMultipartUploads, createDirectUrlSource, createPresignUrls, createUploadSessions } from '../../src/presign/index.js';
import {
  createFileStorageElement,
  createS3StorageElement,
  type S3StorageElementOptions,
  type StorageElementClient,
} from '../../src/storage/index.js';
import {
  startDevelopmentStore,
  type DevelopmentStore,
  type DevelopmentStoreOptions,
  type FaultHook,
} from '../../src/testing/development-store/index.js';
import { memoryAuditSink } from '../../src/testing/index.js';
import { presignedUrlOf } from '../../src/storage/signed-urls.js';
import type { StoreUnderTest } from '../store-conformance/store-under-test.js';
import { alice, countedWaits, elementAt, home, type Way } from '../storage/world.js';

const clock = { now: () => new Date() };
const active = { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' };

/** A real store with two buckets, in the places of `ONE` and `TWO`. */
type RealPlace = Pick<StoreUnderTest, 'origin' | 'bucket' | 'anotherBucket' | 'credentials' | 'writeOnlyCredentials'>;

type Signing = Pick<S3StorageElementOptions, 'urls' | 'multipart'>;

/** `ONE` and `TWO` at one endpoint, `FAR` at another one, and `DISK`, a directory; one catalog over all of them. */
export class ReplicationWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'replication-test-'));
  readonly disk = join(this.folder, 'disk');
  /** Requests, as `PUT two/vo/…`: the name of the bucket tells the StorageElement. */
  readonly seen: string[] = [];
  faults: FaultHook = () => undefined;
  /** Questions for URLs, as `copy_object TWO`. */
  readonly asked: string[] = [];
  /** Name and keys of a StorageElement that has others than its store's. */
  readonly keys = new Map<string, { accessKeyId: string; secretAccessKey: string }>();
  /** StorageElements without a key that can write and not read. */
  readonly withoutWriteOnly = new Set<string>();
  readonly elements = new Map<string, StorageElement>();
  readonly clients = new Map<string, StorageElementClient>();
  readonly stores: DevelopmentStore[] = [];
  catalog!: SqliteFileCatalog;

  readonly #real: RealPlace | undefined;

  private constructor(real: RealPlace | undefined) {
    this.#real = real;
  }

  static async open(
    way: Way,
    { real, store: options = {} }: { readonly real?: RealPlace; readonly store?: Partial<DevelopmentStoreOptions> } = {},
  ): Promise<ReplicationWorld> {
    const world = new ReplicationWorld(real);
    mkdirSync(world.disk);
    for (const buckets of [['one', 'two'], ['far']]) {
      const directory = join(world.folder, buckets[0]!);
      const faults: FaultHook = (request) => {
        world.seen.push(`${request.method} ${request.target.replace(/^\/|\?.*/g, '')}`);
        return world.faults(request);
      };
      const store = await startDevelopmentStore({ directory, buckets, faults, ...options });
      world.stores.push(store);
      for (const bucket of buckets)
        world.elements.set(bucket.toUpperCase(), { ...elementAt(store.port, { access: way }), name: bucket.toUpperCase(), bucket });
    }
    world.catalog = openSqliteFileCatalog({
      path: join(world.folder, 'catalog.db'),
      rules: { securityManager: 'VOMSSecurityManager', globalReadAccess: false, defaultMode: 0o755, visibleStates: ['AprioriGood'] },
      vomsRoleOf: () => undefined,
      openRoot: 'never',
      clock,
    });
    await world.catalog.administration.createDirectories([{ path: home, owner: 'alice', group: 'users', mode: 0o755 }]);
    for (const name of world.elements.keys()) world.openS3(name, way, world.#changes(name));
    world.openDisk();
    return world;
  }

  /** Opens a StorageElement with other facts than it has. */
  openS3(name: string, way: Way, changes: Partial<StorageElement> = {}, more: Partial<S3StorageElementOptions> = {}): void {
    const element = { ...this.elements.get(name)!, ...changes };
    this.elements.set(name, element);
    this.clients.set(name, createS3StorageElement({ element, ...this.#signing(way), retry: countedWaits().retry, ...more }));
  }

  openDisk(changes: Partial<FileStorageElement> = {}): void {
    const element = { name: 'DISK', baseName: undefined, section: 'File', vos: [], status: active, directory: this.disk, ...changes };
    this.clients.set('DISK', createFileStorageElement({ element }));
  }

  manager(changes: Partial<DataManagerDependencies> = {}): DataManager {
    return createDataManager({ catalog: this.catalog.catalogFor(alice), storageElement: (name) => this.client(name), ...changes });
  }

  client(name: string): StorageElementClient {
    const client = this.clients.get(name);
    if (client === undefined) throw new DiracS3Error('unknown-storage-element', `${name} is not configured`);
    return client;
  }

  /** Uploads and registers a file. */
  async add(lfn: Lfn, bytes: Buffer, storageElement = 'ONE'): Promise<void> {
    const path = join(this.folder, 'source');
    writeFileSync(path, bytes);
    const result = await this.manager().putAndRegister([{ lfn, source: { path }, storageElement, guid: 'new' }]);
    singleResult(result);
    this.seen.length = 0;
  }

  /** Puts bytes past everything that looks at them, with a checksum they need not have, or with none. */
  async putRaw(name: string, lfn: Lfn, { bytes, checksum }: { readonly bytes: Buffer; readonly checksum?: string }): Promise<void> {
    const item = { lfn, sizeBytes: bytes.length, ...(checksum !== undefined && { checksum }) };
    const answer = await this.#signing('direct').urls.presign({
      storageElement: name,
      method: 'put_object',
      upload: 'put',
      items: [item],
    });
    const { url, headers } = presignedUrlOf(answer, lfn);
    const { status } = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
    if (status !== 200) throw new Error(`the ground of a test is missing: ${status}`);
  }

  async replicas(lfn: Lfn): Promise<string[]> {
    return [...singleResult(await this.catalog.catalogFor(alice).getReplicas([lfn])).keys()].sort();
  }

  /** What a StorageElement really has: size and Adler-32 of the bytes, or undefined. */
  async bytesAt(name: string, lfn: Lfn): Promise<{ sizeBytes: number; checksum: string } | undefined> {
    const there = singleResult(await this.client(name).exists([lfn]));
    if (!there) return undefined;
    const opened = await this.client(name).open(lfn);
    const parts: Buffer[] = [];
    for await (const chunk of opened.chunks()) parts.push(chunk);
    const bytes = Buffer.concat(parts);
    return { sizeBytes: bytes.length, checksum: adler32(bytes) };
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) client.close();
    this.catalog.close();
    for (const store of this.stores) await store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #changes(name: string): Partial<StorageElement> {
    if (this.#real === undefined || name === 'FAR') return {};
    const { hostname, port } = new URL(this.#real.origin);
    const bucket = name === 'ONE' ? this.#real.bucket : this.#real.anotherBucket;
    return { endpoint: { secure: false, host: hostname, port: Number(port) }, bucket };
  }

  #signing(way: Way): Signing {
    const credentials: CredentialsProvider = {
      credentialsOf: (name, use) => (use === 'write-only' && this.withoutWriteOnly.has(name) ? undefined : this.#keys(name, use)),
    };
    const presigner = createS3Presigner({ credentials });
    const deciding = {
      registry: {
        find: (name: string) => {
          const element = this.elements.get(name);
          return element && { ...element, access: 'direct' as const };
        },
        all: () => [...this.elements.values()],
      },
      presigner,
      starter: createUploadStarter({ presigner, credentials }),
      finder: createUploadFinder({ credentials }),
      clock,
    };
    const counted = (urls: UrlSource): UrlSource => ({
      presign: (request) => {
        this.asked.push(`${request.method} ${request.storageElement}`);
        return urls.presign(request);
      },
    });
    if (way === 'direct')
      return {
        urls: counted(createDirectUrlSource({ ...deciding, vo: 'vo' })),
        multipart: createDirectMultipartUploads({ ...deciding, vo: 'vo' }),
      };
    const gateway = {
      ...deciding,
      permissions: this.catalog,
      replicas: this.catalog,
      audit: memoryAuditSink(),
      policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
      uploadSessions: { keys: [new Secret('a key that seals what was permitted')], lifetimeSeconds: 600, limitSeconds: 3600 },
    } as const;
    const presignUrls = createPresignUrls(gateway);
    return {
      urls: counted({ presign: (request) => presignUrls({ ...request, identity: alice, requestId: 'test' }) }),
      multipart: uploadsOf(createUploadSessions(gateway)),
    };
  }

  #keys(name: string, use: 'main' | 'write-only'): { accessKeyId: string; secretAccessKey: Secret } {
    const real = name === 'FAR' ? undefined : this.#real;
    const [main, writeOnly] = this.stores[name === 'FAR' ? 1 : 0]!.credentials;
    const ofStore = use === 'main' ? (real?.credentials ?? main) : (real?.writeOnlyCredentials ?? writeOnly);
    const { accessKeyId, secretAccessKey } = this.keys.get(name) ?? ofStore!;
    return { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  }
}

function uploadsOf(sessions: ReturnType<typeof createUploadSessions>): MultipartUploads {
  const who = { identity: alice, requestId: 'test' };
  type Answer<Value> = Promise<BulkResult<Value, Lfn>>;
  return {
    begin: (storageElement, uploads) => sessions.begin({ ...who, storageElement, uploads }) as Answer<MultipartUpload>,
    renew: (storageElement, uploads) =>
      sessions.renew({
        ...who,
        storageElement,
        uploads: uploads.map(({ lfn, uploadId, token = '' }) => ({ lfn, uploadId, token })),
      }) as Answer<MultipartUpload>,
    find: (storageElement, lfns) => sessions.find({ ...who, storageElement, lfns }) as Answer<readonly FoundUpload[]>,
  };
}
