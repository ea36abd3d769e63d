import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { openSqliteFileCatalog, type SqliteFileCatalog } from '../../../src/adapters/catalog/sqlite/index.js';
import { createS3Presigner, createUploadFinder, createUploadStarter } from '../../../src/adapters/s3/index.js';
import { createDataManager, type DataManager } from '../../../src/data-management/index.js';
import { Secret, type Lfn } from '../../../src/domain/index.js';
import type { CredentialsProvider, MultipartUploads, UrlSource } from '../../../src/ports/index.js';
import {
  createDirectMultipartUploads,
  createDirectUrlSource,
  createPresignUrls,
  createUploadSessions,
} from '../../../src/presign/index.js';
import {
  cleanTransfers,
  createAbortTools,
  createS3StorageElement,
  type CleanedTransfers,
  type PieceOptions,
  type S3StorageElement,
  type S3StorageElementOptions,
} from '../../../src/storage/index.js';
import { memoryAuditSink } from '../../../src/testing/index.js';
import { alice, elementAt, home, type Way } from '../world.js';

/** A store of which the run must know no more than a client does. */
export interface StoreFacts {
  readonly origin: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: Keys;
  /** What parts are signed with that others send. */
  readonly writeOnlyCredentials: Keys;
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SiteOptions {
  readonly store: StoreFacts;
  /** Port of the proxy. */
  readonly port: number;
  /** Larger files go in parts and come in ranges of these sizes. */
  readonly pieces: PieceOptions;
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
  readonly #opened: { close(): void }[] = [];

  constructor(options: SiteOptions) {
    this.#options = options;
    const { store, port, pieces } = options;
    for (const name of ['source', 'copy', 'spool']) mkdirSync(join(this.folder, name));
    this.catalog = openSqliteFileCatalog({
      path: join(this.folder, 'catalog.db'),
      rules: { securityManager: 'VOMSSecurityManager', globalReadAccess: false, defaultMode: 0o775, visibleStates: ['AprioriGood'] },
      vomsRoleOf: () => undefined,
      openRoot: 'never',
      clock,
    });
    const open = (atPort: number, way: Way, more: Partial<S3StorageElementOptions> = {}): S3StorageElement =>
      this.#closed(createS3StorageElement({ ...this.#storageOptions(atPort, way), ...more }));
    this.#elements = { direct: open(port, 'direct', { pieces }), 'via-gateway': open(port, 'via-gateway', { pieces }) };
    this.truth = open(Number(new URL(store.origin).port), 'direct', { multipart: undefined });
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

  /** Gives up what was left in the middle, and what the store has below a directory of which nobody knows, as `transfers clean` does. */
  async clean(way: Way, directory: Lfn): Promise<CleanedTransfers> {
    const stateDirectory = join(this.folder, 'state');
    const tools = createAbortTools(this.#storageOptions(this.#options.port, way));
    // Nobody else is at work here: the youngest are among them, whatever the clock of the store says.
    const orphans = [{ storageElement: 'SE', lfns: [directory], begunBefore: new Date(Date.now() + 60_000) }];
    try {
      return await cleanTransfers({ stateDirectory }, { stateDirectory, toolsOf: () => tools, orphans });
    } finally {
      tools.http.close();
    }
  }

  /** Keys below the LFN of a directory, as the store lists them. */
  async storedBelow(directory: Lfn): Promise<string[]> {
    const keys: string[] = [];
    for (let token: string | undefined; ;) {
      const page = await this.#s3.send(new ListObjectsV2Command({ ...this.#below(directory), ContinuationToken: token }));
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => `/${Key}`));
      token = page.NextContinuationToken;
      if (token === undefined) return keys.sort();
    }
  }

  /** Names of multipart uploads that were neither completed nor aborted. */
  async openUploads(directory: Lfn): Promise<string[]> {
    const { Uploads = [] } = await this.#s3.send(new ListMultipartUploadsCommand(this.#below(directory)));
    return Uploads.map(({ Key = '' }) => `/${Key}`);
  }

  close(): void {
    for (const one of this.#opened) one.close();
    this.#s3.destroy();
    this.catalog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #below(directory: Lfn): { readonly Bucket: string; readonly Prefix: string } {
    return { Bucket: this.#options.store.bucket, Prefix: `${directory.slice(1)}/` };
  }

  #closed<One extends { close(): void }>(one: One): One {
    this.#opened.push(one);
    return one;
  }

  #storageOptions(port: number, way: Way): S3StorageElementOptions {
    const { store } = this.#options;
    const element = elementAt(port, { access: way, bucket: store.bucket, region: store.region });
    const [main, writeOnly] = [store.credentials, store.writeOnlyCredentials].map(({ accessKeyId, secretAccessKey }) => ({
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
    }));
    const credentials: CredentialsProvider = { credentialsOf: (_, use) => (use === 'main' ? main : writeOnly) };
    const signer = { ...element, access: 'direct' as const };
    const presigner = createS3Presigner({ credentials });
    const parts = {
      registry: { find: () => signer, all: () => [signer] },
      presigner,
      starter: this.#closed(createUploadStarter({ presigner, credentials })),
      finder: createUploadFinder({ credentials }),
      vo: 'vo',
      clock,
    };
    return {
      element,
      ...(way === 'direct' ? directly(parts) : this.#throughGateway(parts)),
      temporaryDirectory: join(this.folder, 'spool'),
      stateDirectory: join(this.folder, 'state'),
      // Whoever waits in earnest waits for nothing here: the faults do not pass with time.
      retry: { sleep: () => Promise.resolve(), random: () => 0 },
    };
  }

  #throughGateway(parts: SigningParts): Signing {
    const deciding = {
      ...parts,
      permissions: this.catalog,
      replicas: this.catalog,
      audit: memoryAuditSink(),
      policies: { deleteUnregistered: 'need-write', putRegistered: 'refuse', openRoot: 'never' } as const,
      uploadSessions: { keys: [new Secret('a key of this test, and of no other')], lifetimeSeconds: 3600, limitSeconds: 7200 },
    };
    const presignUrls = createPresignUrls(deciding);
    const sessions = createUploadSessions(deciding);
    const asked = { identity: alice, requestId: 'faults' };
    return {
      urls: { presign: (request) => presignUrls({ ...request, ...asked }) },
      multipart: {
        begin: (storageElement, uploads) => sessions.begin({ ...asked, storageElement, uploads }) as Answer,
        renew: (storageElement, uploads) => {
          const named = uploads.map(({ lfn, uploadId, token = '' }) => ({ lfn, uploadId, token }));
          return sessions.renew({ ...asked, storageElement, uploads: named }) as Answer;
        },
        find: (storageElement, lfns) => sessions.find({ ...asked, storageElement, lfns }) as ReturnType<MultipartUploads['find']>,
      },
    };
  }
}

type SigningParts = Parameters<typeof createDirectUrlSource>[0] & Parameters<typeof createDirectMultipartUploads>[0];
type Answer = ReturnType<MultipartUploads['begin']>;

interface Signing {
  readonly urls: UrlSource;
  readonly multipart: MultipartUploads;
}

function directly(parts: SigningParts): Signing {
  return { urls: createDirectUrlSource(parts), multipart: createDirectMultipartUploads(parts) };
}
