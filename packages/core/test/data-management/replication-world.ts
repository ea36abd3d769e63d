import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteFileCatalog, type SqliteFileCatalog } from '../../src/adapters/catalog/sqlite/index.js';
import { createS3Presigner } from '../../src/adapters/s3/index.js';
import { createDataManager, type DataManager, type DataManagerDependencies } from '../../src/data-management/index.js';
import { adler32, Secret, singleResult, type FileStorageElement, type Lfn, type StorageElement } from '../../src/domain/index.js';
import { DiracS3Error } from '../../src/errors/index.js';
import type { UrlSource } from '../../src/ports/index.js';
import { createDirectUrlSource, createPresignUrls } from '../../src/presign/index.js';
import { createFileStorageElement, createS3StorageElement, type StorageElementClient } from '../../src/storage/index.js';
import { startDevelopmentStore, type DevelopmentStore, type FaultHook } from '../../src/testing/development-store/index.js';
import { memoryAuditSink } from '../../src/testing/index.js';
import type { StoreUnderTest } from '../store-conformance/store-under-test.js';
import { alice, countedWaits, elementAt, home, type Way } from '../storage/world.js';

const clock = { now: () => new Date() };
const active = { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' };

/** A real store with two buckets, in the places of `ONE` and `TWO`. */
type RealPlace = Pick<StoreUnderTest, 'origin' | 'bucket' | 'anotherBucket' | 'credentials'>;

/** `ONE` and `TWO` at one endpoint, `FAR` at another one, and `DISK`, a directory; one catalog over all of them. */
export class ReplicationWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'replication-test-'));
  readonly disk = join(this.folder, 'disk');
  /** Requests, as `PUT two/vo/…`: the name of the bucket tells the StorageElement. */
  readonly seen: string[] = [];
  faults: FaultHook = () => undefined;
  readonly elements = new Map<string, StorageElement>();
  readonly clients = new Map<string, StorageElementClient>();
  readonly stores: DevelopmentStore[] = [];
  catalog!: SqliteFileCatalog;

  readonly #real: RealPlace | undefined;

  private constructor(real: RealPlace | undefined) {
    this.#real = real;
  }

  static async open(way: Way, real?: RealPlace): Promise<ReplicationWorld> {
    const world = new ReplicationWorld(real);
    mkdirSync(world.disk);
    for (const buckets of [['one', 'two'], ['far']]) {
      const directory = join(world.folder, buckets[0]!);
      const faults: FaultHook = (request) => {
        world.seen.push(`${request.method} ${request.target.replace(/^\/|\?.*/g, '')}`);
        return world.faults(request);
      };
      const store = await startDevelopmentStore({ directory, buckets, faults });
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
  openS3(name: string, way: Way, changes: Partial<StorageElement> = {}): void {
    const element = { ...this.elements.get(name)!, ...changes };
    this.elements.set(name, element);
    this.clients.set(name, createS3StorageElement({ element, urls: this.#urls(way), retry: countedWaits().retry }));
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

  #urls(way: Way): UrlSource {
    const signing = {
      registry: {
        find: (name: string) => {
          const element = this.elements.get(name);
          return element && { ...element, access: 'direct' as const };
        },
        all: () => [...this.elements.values()],
      },
      presigner: createS3Presigner({ credentials: { credentialsOf: (name, use) => this.#keys(name, use) } }),
      clock,
    };
    if (way === 'direct') return createDirectUrlSource({ ...signing, vo: 'vo' });
    const presignUrls = createPresignUrls({
      ...signing,
      permissions: this.catalog,
      replicas: this.catalog,
      audit: memoryAuditSink(),
      policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
    });
    return { presign: (request) => presignUrls({ ...request, identity: alice, requestId: 'test' }) };
  }

  #keys(name: string, use: 'main' | 'write-only'): { accessKeyId: string; secretAccessKey: Secret } {
    const [main, writeOnly] = this.stores[name === 'FAR' ? 1 : 0]!.credentials;
    const own = this.#real === undefined || name === 'FAR' ? (use === 'main' ? main : writeOnly) : this.#real.credentials;
    const { accessKeyId, secretAccessKey } = own!;
    return { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
  }
}
