import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteFileCatalog, type SqliteFileCatalog } from '../../src/adapters/catalog/sqlite/index.js';
import { createS3Presigner } from '../../src/adapters/s3/index.js';
import { parseLfn, Secret, type Lfn, type StorageElement } from '../../src/domain/index.js';
import type { Clock, CredentialsProvider, UrlSource } from '../../src/ports/index.js';
import { createDirectUrlSource, createPresignUrls } from '../../src/presign/index.js';
import { createS3StorageElement, type S3StorageElement, type S3StorageElementOptions } from '../../src/storage/index.js';
import {
  startDevelopmentStore,
  type DevelopmentStore,
  type FaultHook,
  type FaultRequest,
} from '../../src/testing/development-store/index.js';
import { identityOf, memoryAuditSink, storageElementOf } from '../../src/testing/index.js';

export const alice = identityOf('alice');
export const home = '/vo/user/a/alice';
export const lfnOf = (name: string): Lfn => parseLfn(`${home}/${name}`);

/** The two ways in: signed in this process, or by a gateway that asks a catalog. */
export const ways = ['direct', 'via-gateway'] as const;
export type Way = (typeof ways)[number];

const clock: Clock = { now: () => new Date() };

export function elementAt(port: number, changes: Partial<StorageElement> = {}): StorageElement {
  return storageElementOf('SE', {
    endpoint: { secure: false, host: '127.0.0.1', port },
    expiration: { transfer: { defaultSeconds: 3600, maxSeconds: 7200 }, external: { defaultSeconds: 86_400, maxSeconds: 604_800 } },
    ...changes,
  });
}

/** Every file below a folder, as relative paths. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export interface Waits {
  readonly retry: NonNullable<S3StorageElementOptions['retry']>;
  /** Milliseconds of each wait that was asked for; none is waited. */
  readonly waited: number[];
}

export function countedWaits(): Waits {
  const waited: number[] = [];
  return { waited, retry: { sleep: (milliseconds) => Promise.resolve(void waited.push(milliseconds)), random: () => 0.5 } };
}

/** A real store, a real catalog and one StorageElement over them, in a folder of its own. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'storage-test-'));
  /** Where files come from and go to; spools go to its `spool`. */
  readonly local = join(this.folder, 'local');
  readonly spool = join(this.folder, 'spool');
  readonly waited: number[];
  /** Requests the store saw, as `PUT /bucket/key`. */
  readonly seen: string[] = [];
  /** Chooses a fault of the store for each request. */
  faults: FaultHook = () => undefined;
  store!: DevelopmentStore;
  element!: StorageElement;
  urls!: UrlSource;
  se!: S3StorageElement;
  catalog!: SqliteFileCatalog;
  readonly #waits = countedWaits();

  constructor() {
    this.waited = this.#waits.waited;
  }

  static async open(way: Way): Promise<World> {
    const world = new World();
    mkdirSync(world.local);
    mkdirSync(world.spool);
    world.store = await startDevelopmentStore({
      directory: join(world.folder, 'store'),
      buckets: ['bucket'],
      faults: (request) => {
        world.seen.push(`${request.method} ${pathOf(request)}`);
        return world.faults(request);
      },
    });
    world.catalog = openSqliteFileCatalog({
      path: join(world.folder, 'catalog.db'),
      rules: { securityManager: 'VOMSSecurityManager', globalReadAccess: false, defaultMode: 0o775, visibleStates: ['AprioriGood'] },
      vomsRoleOf: () => undefined,
      openRoot: 'never',
      clock,
    });
    await world.catalog.administration.createDirectories([{ path: home, owner: 'alice', group: 'users', mode: 0o755 }]);
    world.element = elementAt(world.store.port, { access: way });
    world.urls = way === 'direct' ? world.directUrls() : world.gatewayUrls();
    world.se = world.storageElement();
    return world;
  }

  /** The StorageElement with something changed. */
  storageElement(changes: Partial<S3StorageElementOptions> = {}): S3StorageElement {
    return createS3StorageElement({
      element: this.element,
      urls: this.urls,
      temporaryDirectory: this.spool,
      retry: this.#waits.retry,
      ...changes,
    });
  }

  directUrls(own: Clock = clock): UrlSource {
    return createDirectUrlSource({ ...this.signing(own), vo: 'vo' });
  }

  /** A gateway has keys that cannot read only where its operator set them. */
  gatewayUrls({ writeOnlyKey = false } = {}): UrlSource {
    const presignUrls = createPresignUrls({
      ...this.signing(clock, { writeOnlyKey }),
      permissions: this.catalog,
      replicas: this.catalog,
      audit: memoryAuditSink(),
      policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' },
    });
    return { presign: (request) => presignUrls({ ...request, identity: alice, requestId: 'test' }) };
  }

  /** What signs for the store, in this process. */
  signing(
    own: Clock,
    { writeOnlyKey = true } = {},
  ): Pick<Parameters<typeof createDirectUrlSource>[0], 'registry' | 'presigner' | 'clock'> & { readonly credentials: CredentialsProvider } {
    const element = { ...this.element, access: 'direct' as const };
    const [main, writeOnly] = this.store.credentials.map(({ accessKeyId, secretAccessKey }) => ({
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
    }));
    const credentials: CredentialsProvider = {
      credentialsOf: (_, use) => (use === 'main' ? main : writeOnlyKey ? writeOnly : undefined),
    };
    return {
      registry: { find: (name) => (name === element.name ? element : undefined), all: () => [element] },
      presigner: createS3Presigner({ credentials }),
      credentials,
      clock: own,
    };
  }

  /** Cleans up; fails when a spool is left. */
  async close(): Promise<void> {
    this.se.close();
    this.catalog.close();
    await this.store.close();
    const spools = readdirSync(this.spool);
    rmSync(this.folder, { recursive: true, force: true });
    if (spools.length > 0) throw new Error(`spools were left: ${spools.join(', ')}`);
  }
}

export function pathOf({ target }: Pick<FaultRequest, 'target'>): string {
  return target.replace(/\?.*/, '');
}
