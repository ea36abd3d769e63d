import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { maxUploadBytes, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error, failure, type ErrorCode, type Failure } from '../errors/index.js';
import type { Clock, FileMetadata } from '../ports/index.js';
import type { ReplicaSource, StorageElementClient, StoredObject, TransferOptions, Upload } from '../storage/types.js';
import { settled } from './outcomes.js';
import type { ReplicateOptions, ReplicateOutcome, ReplicationMethod } from './replicate-types.js';

export interface FileToCopy {
  readonly lfn: Lfn;
  /** What the catalog says of it. */
  readonly metadata: FileMetadata;
}

export interface CopyJob {
  readonly source: StorageElementClient;
  readonly destination: StorageElementClient;
  readonly files: readonly FileToCopy[];
}

export type Copied = Omit<ReplicateOutcome, 'storageElement' | 'registerSeconds'>;

type CopyOptions = TransferOptions & Pick<ReplicateOptions, 'localCache'>;

/**
 * Copies files between two StorageElements, each by the best method that fits it. What is called copied was read back from the destination.
 * Another object under the name, which no replica speaks of, is replaced: it is what an earlier run left.
 */
export async function copyFiles(
  job: CopyJob,
  { clock, ...options }: CopyOptions & { readonly clock: Clock },
): Promise<BulkResult<Copied, Lfn>> {
  const successful = new Map<Lfn, Copied>();
  const failed = new Map<Lfn, Failure>();
  for (const [method, files] of byMethod(job, options)) {
    const started = clock.now().getTime();
    const lfns = files.map(({ lfn }) => lfn);
    const result = await settled(lfns, () => methods[method]({ ...job, files }, options));
    const stored = result.successful;
    const faults = await removeWrong(job.destination, result.failed);
    const replicateSeconds = (clock.now().getTime() - started) / 1000;
    for (const { lfn, metadata } of files) {
      const object = stored.get(lfn);
      if (object === undefined) failed.set(lfn, faults.get(lfn) ?? failure('storage-unavailable', `${lfn}: no answer`));
      else successful.set(lfn, { source: job.source.name, method, sizeBytes: metadata.sizeBytes, pfn: object.pfn, replicateSeconds });
    }
  }
  return { successful, failed };
}

/** Faults after which something else than the replica may be stored. */
const mismatches: ReadonlySet<ErrorCode> = new Set(['checksum-mismatch', 'size-mismatch']);

/** No replica speaks of what a failed copy left, so it goes; where it does not, the message says so. */
async function removeWrong(destination: StorageElementClient, faults: ReadonlyMap<Lfn, Failure>): Promise<ReadonlyMap<Lfn, Failure>> {
  const suspect = [...faults].filter(([, { code }]) => mismatches.has(code)).map(([lfn]) => lfn);
  const there = await settled(suspect, () => destination.exists(suspect));
  const clean = suspect.filter((lfn) => there.successful.get(lfn) === false);
  const left = suspect.filter((lfn) => !clean.includes(lfn));
  const removed = await settled(left, () => destination.remove(left));
  return new Map(
    [...faults].map(([lfn, fault]) => {
      if (!left.includes(lfn) || removed.successful.has(lfn)) return [lfn, fault];
      const more = `something else may be stored at ${destination.name}, not registered; the same command again replaces it`;
      return [lfn, failure(fault.code, `${fault.message}; ${more}`)];
    }),
  );
}

type CopyMethod = Extract<ReplicationMethod, 'stream' | 'local-file'>;

/** A local file where it is asked for, and where a stream cannot be: without a checksum to hold it against, or beyond one upload. */
function byMethod({ files }: CopyJob, { localCache }: CopyOptions): Map<CopyMethod, FileToCopy[]> {
  const groups = new Map<CopyMethod, FileToCopy[]>();
  for (const file of files) {
    const streams = localCache === undefined && checksumOf(file) !== undefined && file.metadata.sizeBytes <= maxUploadBytes;
    const method = streams ? 'stream' : 'local-file';
    groups.set(method, [...(groups.get(method) ?? []), file]);
  }
  return groups;
}

const methods: Readonly<Record<CopyMethod, (job: CopyJob, options: CopyOptions) => Promise<BulkResult<StoredObject, Lfn>>>> = {
  stream: ({ source, destination, files }, options) =>
    destination.put(
      files.map((file): Upload => ({ lfn: file.lfn, source: { replica: replicaOf(source, file, options) }, overwrite: true })),
      options,
    ),
  'local-file': throughLocalFiles,
};

/** The bytes of a replica, opened when they are wanted and given up when nobody wants them any more. */
function replicaOf(source: StorageElementClient, { lfn, metadata }: FileToCopy, { signal }: CopyOptions): ReplicaSource {
  return {
    sizeBytes: metadata.sizeBytes,
    checksum: metadata.checksum,
    chunks: async function* () {
      const opened = await source.open(lfn, signal === undefined ? {} : { signal });
      try {
        yield* opened.chunks();
      } finally {
        opened.destroy();
      }
    },
  };
}

/** Download, upload, remove: one file at a time on the disk for each that is under way. */
async function throughLocalFiles({ source, destination, files }: CopyJob, options: CopyOptions): Promise<BulkResult<StoredObject, Lfn>> {
  const directory = await mkdtemp(join(options.localCache ?? '.', '.dirac-s3-replicate-')).catch((cause: unknown) => {
    const where = options.localCache ?? 'the current directory';
    throw new DiracS3Error('local-file', `no temporary directory can be made in ${where}`, { cause });
  });
  const successful = new Map<Lfn, StoredObject>();
  const failed = new Map<Lfn, Failure>();
  try {
    for (const file of files) {
      const { lfn, metadata } = file;
      const checksum = checksumOf(file);
      const path = join(directory, 'replica');
      const expected = { sizeBytes: metadata.sizeBytes, ...(checksum === undefined ? {} : { checksum }) };
      const here = await settled([lfn], () => source.get([{ lfn, path, expected, overwrite: true }], options));
      const there = here.successful.has(lfn)
        ? await settled([lfn], () =>
            destination.put(
              [{ lfn, source: { path }, overwrite: true, ...(checksum === undefined ? {} : { expectedChecksum: checksum }) }],
              options,
            ),
          )
        : undefined;
      await rm(path, { force: true });
      const object = there?.successful.get(lfn);
      if (object !== undefined) successful.set(lfn, object);
      else failed.set(lfn, here.failed.get(lfn) ?? there?.failed.get(lfn) ?? failure('storage-unavailable', `${lfn}: no answer`));
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return { successful, failed };
}

/** Adler-32 the catalog knows. */
function checksumOf({ metadata: { checksum, checksumType } }: FileToCopy): string | undefined {
  return checksumType === 'Adler32' && checksum !== '' ? checksum : undefined;
}
