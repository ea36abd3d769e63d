import { sameAdler32, type Lfn } from '../domain/index.js';
import { failure, ourCommand, type ErrorCode, type Failure } from '../errors/index.js';
import type { FileCatalog } from '../ports/index.js';
import type { ObjectMetadata, StorageElementClient } from '../storage/types.js';
import { settled } from './outcomes.js';
import { putBack, type ReplacedFile } from './replaced-files.js';

export interface UploadedTo {
  readonly catalog: FileCatalog;
  readonly element: StorageElementClient;
  /** As it is registered. */
  readonly storageElement: string;
  /** Files that were to be replaced. */
  readonly replaced: ReadonlyMap<Lfn, ReplacedFile>;
  /** Those of them whose entry is gone. */
  readonly withdrawn: ReadonlySet<Lfn>;
}

/** Faults after which something else than was sent may be stored. */
const mismatches: ReadonlySet<ErrorCode> = new Set(['checksum-mismatch', 'size-mismatch']);

/** What is stored under a name: its metadata, nothing, or a failure when it could not be asked. */
type Stored = ObjectMetadata | Failure | undefined;

/**
 * What uploads that failed have left, as the end of each message, with the commands that finish or undo it. Entries that made room are put
 * back wherever the old object is not known to be gone: a read compares it with its entry anyway.
 */
export async function settleFailedUploads(failed: ReadonlyMap<Lfn, Failure>, to: UploadedTo): Promise<Map<Lfn, Failure>> {
  const unsure = [...failed].filter(([lfn, { code }]) => to.replaced.has(lfn) || mismatches.has(code)).map(([lfn]) => lfn);
  const found = await settled(unsure, () => to.element.getMetadata(unsure));
  const storedAs = (lfn: Lfn): Stored => {
    const fault = found.failed.get(lfn);
    return fault?.code === 'no-such-file' ? undefined : (fault ?? found.successful.get(lfn));
  };
  const kept = new Map(
    [...to.replaced].flatMap(([lfn, { metadata, pfn }]) =>
      failed.has(lfn) && to.withdrawn.has(lfn) && pfn !== undefined && mayBe(metadata, storedAs(lfn)) ? [[lfn, { metadata, pfn }]] : [],
    ),
  );
  const back = await putBack(to.catalog, to.storageElement, kept);
  return new Map(
    [...failed].map(([lfn, fault]) => {
      const old = to.replaced.get(lfn);
      const stored = storedAs(lfn);
      if (old === undefined) return [lfn, ofNewName(lfn, { fault, stored, to })];
      if (!to.withdrawn.has(lfn)) return [lfn, ofStandingEntry(lfn, { fault, stored, old })];
      if (!kept.has(lfn)) return [lfn, ofLostFile(lfn, { fault, stored, old, to })];
      return [lfn, back.successful.has(lfn) ? ofEntryPutBack(fault) : ofEntryLost(lfn, { fault, reason: back.failed.get(lfn), old, to })];
    }),
  );
}

/** False only when the object is known to be another, or gone. */
function mayBe({ sizeBytes, checksum }: ReplacedFile['metadata'], stored: Stored): boolean {
  if (stored === undefined) return false;
  if (isFailure(stored)) return true;
  return stored.sizeBytes === sizeBytes && (stored.checksum === undefined || checksum === '' || sameAdler32(stored.checksum, checksum));
}

function isFailure(stored: ObjectMetadata | Failure): stored is Failure {
  return 'code' in stored;
}

interface Case {
  readonly fault: Failure;
  readonly stored: Stored;
  readonly old: ReplacedFile;
  readonly to: UploadedTo;
}

function ofNewName(lfn: Lfn, { fault, stored, to }: Omit<Case, 'old'>): Failure {
  if (fault.code === 'file-exists')
    return said(fault, `it is not registered; to register what is there: ${register(lfn, to)}, to replace it: overwrite`);
  if (!mismatches.has(fault.code) || stored === undefined || isFailure(stored)) return fault;
  return said(fault, `${sizeAndSum(stored)} are stored under the name, not registered. To undo: ${undo(lfn, to)}`);
}

/** With keys of one's own the entry stands until the new object does. */
function ofStandingEntry(lfn: Lfn, { fault, stored, old: { metadata, pfn } }: Omit<Case, 'to'>): Failure {
  const again = `To finish: the same command again. To remove the file: ${ourCommand('rm', lfn)}`;
  if (pfn === undefined && stored === undefined) return said(fault, 'the entry, which has no replica, is as it was');
  if (stored === undefined) return said(fault, `the object is gone, and the catalog still describes the old one. ${again}`);
  if (isFailure(stored)) return said(fault, `the entry is as it was; whether the object is, the store did not say`);
  if (mayBe(metadata, stored)) return said(fault, 'the old file is kept, object and entry');
  return said(fault, `${sizeAndSum(stored)} are stored under the name, and the catalog still describes the old file. ${again}`);
}

function ofEntryPutBack(fault: Failure): Failure {
  return said(fault, 'the old file is kept; its entry was put back, with owner, mode and dates of a new one');
}

function ofEntryLost(
  lfn: Lfn,
  { fault, reason, old: { metadata, pfn = '' }, to }: Omit<Case, 'stored'> & { readonly reason: Failure | undefined },
): Failure {
  const { code, message } = said(
    fault,
    `the old file is still stored as ${pfn} (${sizeAndSum(metadata)}), but its entry could not be put back: ` +
      `${reason?.message ?? 'no answer'}. To put it back: ${register(lfn, to, metadata.guid)}. To remove it: ${undo(lfn, to)}`,
  );
  return failure(code === 'cancelled' ? code : 'registration-failed', message);
}

function ofLostFile(lfn: Lfn, { fault, stored, old, to }: Case): Failure {
  const finish = 'To finish: the same command again';
  if (stored === undefined) {
    const what =
      old.pfn === undefined ? 'the entry, which had no replica, was removed' : 'the old object is gone, and its entry was removed';
    return said(fault, `${what}; nothing has the name any more. ${finish}`);
  }
  const what = isFailure(stored)
    ? 'the entry, which had no replica, was removed'
    : `${sizeAndSum(stored)} are stored under the name, not registered`;
  return said(fault, `${what}. ${finish}. To undo: ${undo(lfn, to)}`);
}

function said({ code, message }: Failure, more: string): Failure {
  return failure(code, `${message}; ${more}`);
}

function sizeAndSum({ sizeBytes, checksum = '' }: Pick<ObjectMetadata, 'sizeBytes' | 'checksum'>): string {
  return `${sizeBytes} bytes, ${checksum === '' ? 'no checksum' : `Adler-32 ${checksum}`}`;
}

function register(lfn: Lfn, { storageElement }: UploadedTo, guid?: string): string {
  return ourCommand('register', lfn, storageElement, ...(guid === undefined ? [] : ['--guid', guid]));
}

function undo(lfn: Lfn, { storageElement }: UploadedTo): string {
  return ourCommand('rm', '--unregistered', lfn, storageElement);
}
