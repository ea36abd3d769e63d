import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bulkMap, normalAdler32, singleResult, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { FileMetadata } from '../ports/index.js';
import type {
  ObjectMetadata,
  ReplicaSource,
  StorageElementClient,
  StoreCopy,
  StoredObject,
  TransferOptions,
  Upload,
} from '../storage/types.js';
import type { ReplicateOptions, ReplicationMethod } from './replicate-types.js';

export interface FileToCopy {
  readonly lfn: Lfn;
  /** What the catalog says of it. */
  readonly metadata: FileMetadata;
  /** What the source has. */
  readonly stored: ObjectMetadata;
}

export interface CopyJob {
  readonly source: StorageElementClient;
  readonly destination: StorageElementClient;
  readonly files: readonly FileToCopy[];
}

export type CopyOptions = TransferOptions & Pick<ReplicateOptions, 'localCache'>;
export type CopyMethod = Exclude<ReplicationMethod, 'none'>;

interface Method {
  /** Whether the method can be tried for a file. */
  readonly fits: (job: Omit<CopyJob, 'files'>, file: FileToCopy, options: CopyOptions) => boolean;
  readonly copy: (job: CopyJob, options: CopyOptions) => Promise<BulkResult<StoredObject, Lfn>>;
}

/** In the order they are tried. A file in a directory that was asked for is the only way then. */
export const copyMethods: Readonly<Record<CopyMethod, Method>> = {
  'server-side': {
    fits: ({ source, destination }, file, { localCache }) =>
      localCache === undefined &&
      destination.copyFrom !== undefined &&
      source.protocol === destination.protocol &&
      copyOf(file) !== undefined,
    copy: async ({ source, destination, files }, options) =>
      destination.copyFrom!(
        source.name,
        files.flatMap((file) => copyOf(file) ?? []),
        options,
      ),
  },
  stream: {
    fits: (_, file, { localCache }) => localCache === undefined && checksumOf(file) !== undefined,
    copy: ({ source, destination, files }, options) =>
      destination.put(
        files.map((file): Upload => ({ lfn: file.lfn, source: { replica: replicaOf(source, file, options) }, overwrite: true })),
        options,
      ),
  },
  'local-file': { fits: () => true, copy: throughLocalFiles },
};

/** Nobody reads what a store copies by itself: it must carry the checksum the catalog knows, and an ETag to tell it from what may come. */
function copyOf(file: FileToCopy): StoreCopy | undefined {
  const { lfn, metadata, stored } = file;
  const checksum = checksumOf(file);
  if (checksum === undefined || stored.checksum !== checksum || stored.etag === undefined) return undefined;
  return { lfn, sizeBytes: metadata.sizeBytes, checksum, etag: stored.etag };
}

/** The bytes of a replica, opened when they are wanted and given up when nobody wants them any more. */
function replicaOf(source: StorageElementClient, file: FileToCopy, { signal }: CopyOptions): ReplicaSource {
  const { lfn, metadata, stored } = file;
  return {
    sizeBytes: metadata.sizeBytes,
    checksum: checksumOf(file) ?? '',
    chunks: async function* (range) {
      const opened = await source.open(lfn, { signal, range, etag: stored.etag });
      try {
        yield* opened.chunks();
      } finally {
        opened.destroy();
      }
    },
  };
}

/** Download, upload, remove: a file on the disk for each that is under way. */
async function throughLocalFiles({ source, destination, files }: CopyJob, given: CopyOptions): Promise<BulkResult<StoredObject, Lfn>> {
  // The files go with their directory, whatever becomes of them.
  const options = { ...given, resumable: false };
  const { localCache = '.', limitRateBytesPerSecond } = options;
  // A limit counts for all bytes of one call.
  const parallel = limitRateBytesPerSecond === undefined ? (options.parallel ?? 1) : 1;
  const directory = await mkdtemp(join(localCache, '.dirac-s3-replicate-')).catch((cause: unknown) => {
    const where = options.localCache ?? 'the current directory';
    throw new DiracS3Error('local-file', `no temporary directory can be made in ${where}`, { cause });
  });
  const wanted = new Map(files.map((file, number) => [file.lfn, { file, path: join(directory, String(number)) }]));
  try {
    return await bulkMap(
      wanted.keys(),
      async (lfn) => {
        const { file, path } = wanted.get(lfn)!;
        const { sizeBytes, checksum: claim } = file.metadata;
        const isKnown = file.metadata.checksumType === 'Adler32' && claim !== '';
        const expected = { sizeBytes, ...(isKnown && { checksum: claim }) };
        try {
          singleResult(await source.get([{ lfn, path, expected, overwrite: true }], options));
          return singleResult(
            await destination.put([{ lfn, source: { path }, overwrite: true, ...(isKnown && { expectedChecksum: claim }) }], options),
          );
        } finally {
          await rm(path, { force: true });
        }
      },
      { parallel },
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Adler-32 the catalog knows, in its usual form. */
function checksumOf({ metadata: { checksum, checksumType } }: FileToCopy): string | undefined {
  return checksumType === 'Adler32' ? normalAdler32(checksum) : undefined;
}
