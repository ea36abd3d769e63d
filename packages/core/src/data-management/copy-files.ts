import type { BulkResult, Lfn } from '../domain/index.js';
import { errorKind, failure, type ErrorCode, type Failure } from '../errors/index.js';
import type { Clock } from '../ports/index.js';
import type { StorageElementClient } from '../storage/types.js';
import { copyMethods, type CopyJob, type CopyMethod, type CopyOptions } from './copy-methods.js';
import { settled } from './outcomes.js';
import type { ReplicateOutcome } from './replicate-types.js';

export type Copied = Omit<ReplicateOutcome, 'storageElement' | 'registerSeconds'>;

/**
 * Copies files between two StorageElements, each by the first method that fits it and does not fail. What is called copied was read back from
 * the destination. Another object under the name, which no replica speaks of, is replaced: it is what an earlier run left.
 */
export async function copyFiles(
  job: CopyJob,
  { clock, ...options }: CopyOptions & { readonly clock: Clock },
): Promise<BulkResult<Copied, Lfn>> {
  const successful = new Map<Lfn, Copied>();
  const failed = new Map<Lfn, Failure>();
  let open = job.files;
  for (const method of Object.keys(copyMethods) as CopyMethod[]) {
    const { fits, copy } = copyMethods[method];
    const files = open.filter((file) => fits(job, file, options));
    const started = clock.now().getTime();
    const lfns = files.map(({ lfn }) => lfn);
    const result = await settled(lfns, () => copy({ ...job, files }, options));
    const faults = await removeWrong(job.destination, result.failed);
    const replicateSeconds = (clock.now().getTime() - started) / 1000;
    for (const { lfn, metadata } of files) {
      const object = result.successful.get(lfn);
      const fault = faults.get(lfn) ?? failure('storage-unavailable', `${lfn}: no answer`);
      if (object === undefined) failed.set(lfn, faultOf(fault, failed.get(lfn)));
      else successful.set(lfn, { source: job.source.name, method, sizeBytes: metadata.sizeBytes, pfn: object.pfn, replicateSeconds });
    }
    open = open.filter(({ lfn }) => !successful.has(lfn) && goesOn(method, failed.get(lfn)));
  }
  return { successful, failed: new Map([...failed].filter(([lfn]) => !successful.has(lfn))) };
}

/** A file on the disk is the last resort: when there is no room for one, that is not what is wrong. */
function faultOf(fault: Failure, before: Failure | undefined): Failure {
  return fault.code === 'local-file' && before !== undefined ? before : fault;
}

/** Whether another method may do what one could not: whatever a store says of a copy, and of a stream what may pass. */
function goesOn(method: CopyMethod, fault: Failure | undefined): boolean {
  if (fault === undefined) return true;
  if (fault.code === 'cancelled') return false;
  return method === 'server-side' || errorKind(fault.code).retryable || fault.code === 'unsupported-operation';
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
