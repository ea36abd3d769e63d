import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, ourCommand, type Failure } from '../errors/index.js';
import type { FileCatalog, FileMetadata } from '../ports/index.js';
import { requirePermission } from './look-up.js';
import { Outcomes, settled } from './outcomes.js';
import { removeEntries } from './remove-entries.js';

/** What is registered under a name that is to be replaced. */
export interface ReplacedFile {
  readonly metadata: FileMetadata;
  /** Storage URL of its replica at the StorageElement; an entry may have lost its last replica. */
  readonly pfn: string | undefined;
}

export interface Replacement {
  readonly storageElement: string;
  /** The entry has to go before the gateway signs the upload: it lets nobody write where a replica is registered. */
  readonly entryGoesFirst: boolean;
}

/**
 * Looks at what is to be replaced, and fails whatever could not be kept if the upload failed. One upload replaces one object, and at once: the
 * old one is never removed. So a replica elsewhere, which would be left behind or lost, is the user's to remove.
 */
export async function readReplaced(
  catalog: FileCatalog,
  replacements: ReadonlyMap<Lfn, Replacement>,
  outcomes: Outcomes<unknown>,
): Promise<ReadonlyMap<Lfn, ReplacedFile>> {
  const here = new Outcomes<ReplacedFile>(replacements.keys());
  await requirePermission(catalog, 'removeFile', here);
  const metadata = here.take(here.open, await settled(here.open, () => catalog.getFileMetadata(here.open)));
  const replicas = here.take(here.open, await settled(here.open, () => catalog.getReplicas(here.open)));
  for (const [lfn, where] of replicas) {
    const { storageElement, entryGoesFirst } = replacements.get(lfn)!;
    const facts = metadata.get(lfn)!;
    const others = [...where.keys()].filter((name) => name !== storageElement);
    const remedy = `remove the file first: ${ourCommand('rm', lfn)}`;
    if (others.length > 0)
      here.fail(
        lfn,
        failure(
          'conflict',
          `${lfn}: has a replica at ${others.join(', ')}, which an upload to ${storageElement} does not replace; ${remedy}`,
        ),
      );
    else if (entryGoesFirst && !canBePutBack(facts))
      here.fail(lfn, failure('conflict', `${lfn}: its entry has no Adler-32 and could not be put back if the upload failed; ${remedy}`));
    else here.succeed(lfn, { metadata: facts, pfn: where.get(storageElement) });
  }
  return outcomes.take([...replacements.keys()], here.build());
}

function canBePutBack({ checksum, checksumType }: FileMetadata): boolean {
  return checksumType === 'Adler32' && /^[0-9a-f]{8}$/i.test(checksum);
}

/** Removes entries only; the objects stay. */
export async function withdraw(
  catalog: FileCatalog,
  storageElement: string,
  files: ReadonlyMap<Lfn, ReplacedFile>,
): Promise<BulkResult<true, Lfn>> {
  const { gone, failed, unknown } = await removeEntries(catalog, [...files.keys()]);
  const told = ([lfn, fault]: readonly [Lfn, Failure]): readonly [Lfn, Failure] => {
    if (!unknown.has(lfn)) return [lfn, fault];
    const again = ourCommand('register', lfn, storageElement, '--guid', files.get(lfn)!.metadata.guid);
    return [lfn, failure(fault.code, `${fault.message}; should its entry be gone, this registers what is stored: ${again}`)];
  };
  return { successful: new Map([...gone].map((lfn) => [lfn, true])), failed: new Map([...failed].map(told)) };
}

/** Makes the entry of a replaced file anew. What only a new entry can have (owner, mode, dates) is that of a new entry. */
export function putBack(
  catalog: FileCatalog,
  storageElement: string,
  files: ReadonlyMap<Lfn, ReplacedFile & { readonly pfn: string }>,
): Promise<BulkResult<true, Lfn>> {
  const entries = [...files].map(
    ([
      lfn,
      {
        pfn,
        metadata: { sizeBytes, checksum, guid },
      },
    ]) => ({
      lfn,
      sizeBytes,
      checksum: checksum.toLowerCase(),
      guid,
      storageElement,
      pfn,
    }),
  );
  return settled([...files.keys()], () => catalog.addFiles(entries));
}
