import type { BulkResult, Lfn } from '../domain/index.js';
import { failure, type ErrorCode } from '../errors/index.js';
import type { FileCatalog, FileMetadata } from '../ports/index.js';
import { requirePermission } from './look-up.js';
import { Outcomes, settled } from './outcomes.js';

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
    const remedy = `remove the file first: dirac-s3 rm ${lfn}`;
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

/** Faults after which nobody knows whether it was done. */
const noAnswer: ReadonlySet<ErrorCode> = new Set(['catalog-unavailable', 'gateway-unavailable', 'timeout', 'internal']);

/** Removes entries only; the objects stay. An answer that was lost is looked for: is the entry still there? */
export async function withdraw(
  catalog: FileCatalog,
  storageElement: string,
  files: ReadonlyMap<Lfn, ReplacedFile>,
): Promise<BulkResult<true, Lfn>> {
  const lfns = [...files.keys()];
  const { successful, failed } = await settled(lfns, () => catalog.removeFiles(lfns));
  const unsure = lfns.filter((lfn) => !successful.has(lfn) && noAnswer.has(failed.get(lfn)?.code ?? 'internal'));
  const there = await settled(unsure, () => catalog.exists(unsure));
  const gone = unsure.filter((lfn) => there.successful.get(lfn) === false);
  const unknown = unsure.filter((lfn) => !there.successful.has(lfn));
  return {
    successful: new Map([...successful, ...gone.map((lfn) => [lfn, true] as const)]),
    failed: new Map(
      lfns
        .filter((lfn) => !successful.has(lfn) && !gone.includes(lfn))
        .map((lfn) => {
          const { code, message } = failed.get(lfn) ?? failure('catalog-unavailable', `${lfn}: no answer`);
          const again = `dirac-s3 register ${lfn} ${storageElement} --guid ${files.get(lfn)!.metadata.guid}`;
          return [
            lfn,
            failure(
              code,
              unknown.includes(lfn) ? `${message}; should its entry be gone, this registers what is stored: ${again}` : message,
            ),
          ];
        }),
    ),
  };
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
