import { randomUUID } from 'node:crypto';
import { bulkMap, refuseClosed, sameAdler32, type BulkResult, type FileStorageElement, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { byLfn, transferEach } from './batches.js';
import { Place, storeFault, type StoredFile } from './file-places.js';
import { LandingFile, refuseTaken } from './landing-file.js';
import { openSource } from './source-file.js';
import type { Download, ObjectMetadata, ReceivedFile, StorageElementClient, StoredObject, TransferOptions, Upload } from './types.js';

export interface FileStorageElementOptions {
  readonly element: FileStorageElement;
  /** VO of the user, where the StorageElement is not for all. */
  readonly vo?: string | undefined;
  /** Where streams are spooled. Default: the system's. */
  readonly temporaryDirectory?: string | undefined;
}

/** Files that are looked at or removed at a time. */
const smallRequests = 16;

/**
 * A mounted directory as StorageElement, as DIRAC's `FileStorage`: a file lies under its LFN below the directory, and its storage URL is the
 * plain path. Its Adler-32 is not stored anywhere but summed from the bytes that are there (DIRAC writes an extended attribute, which Node.js
 * cannot).
 */
export function createFileStorageElement({ element, vo, temporaryDirectory }: FileStorageElementOptions): StorageElementClient {
  const place = new Place(element);
  const open = (kind: Parameters<StorageElementClient['requireOpen']>[0]): void => refuseClosed(element, kind, vo);
  const each = <Value>(lfns: readonly Lfn[], step: (lfn: Lfn) => Promise<Value>): Promise<BulkResult<Value, Lfn>> =>
    bulkMap(lfns, step, { parallel: smallRequests });
  const exists: StorageElementClient['exists'] = async (lfns) => {
    open('Check');
    return each(lfns, async (lfn) => (await place.look(lfn)) !== undefined);
  };
  return {
    name: element.name,
    protocol: 'file',
    access: 'direct',
    requireOpen: open,
    exists,
    isFile: exists,
    getMetadata: async (lfns) => {
      open('Check');
      return each(lfns, (lfn) => place.reading(lfn, metadataOf));
    },
    put: async (uploads, options = {}) => {
      open('Write');
      const wanted = byLfn(uploads);
      return transferEach([...wanted.keys()], options, (lfn) => putFile(place, wanted.get(lfn)!, { ...options, temporaryDirectory }));
    },
    get: async (downloads, options = {}) => {
      open('Read');
      const wanted = byLfn(downloads);
      return transferEach([...wanted.keys()], options, (lfn) => place.reading(lfn, (file) => getFile(file, wanted.get(lfn)!, options)));
    },
    open: async (lfn, { range } = {}) => {
      open('Read');
      const file = await place.open(lfn);
      return {
        sizeBytes: range?.length ?? file.sizeBytes,
        checksum: undefined,
        chunks: async function* () {
          try {
            yield* file.chunks(range);
          } finally {
            await file.close();
          }
        },
        destroy: () => void file.close(),
      };
    },
    remove: async (lfns) => {
      open('Remove');
      return each(lfns, (lfn) => place.remove(lfn));
    },
    accessUrl: () => {
      throw new DiracS3Error(
        'unsupported-protocol',
        `${element.name} is a mounted directory: it has the protocol file and no URLs for others`,
      );
    },
    storageUrl: (lfn) => place.pathOf(lfn),
    close: () => undefined,
  };
}

async function metadataOf(file: StoredFile): Promise<ObjectMetadata> {
  return { sizeBytes: file.sizeBytes, checksum: await file.sum(), etag: undefined, modifiedAt: file.modifiedAt, metadata: {} };
}

/** To a temporary name beside the target, summed again from there, and only then under its own name. */
async function putFile(
  place: Place,
  { lfn, source, expectedChecksum, overwrite = false }: Upload,
  { signal, onProgress, temporaryDirectory }: Pick<TransferOptions, 'signal' | 'onProgress'> & { temporaryDirectory: string | undefined },
): Promise<StoredObject> {
  if (!overwrite && (await place.look(lfn)) !== undefined)
    throw new DiracS3Error('file-exists', `${lfn}: a file of that name is stored at ${place.name} already`);
  const from = await openSource(source, {
    temporaryDirectory,
    signal,
    mostBytes: Infinity,
    onProgress: (doneBytes, totalBytes) => onProgress?.({ lfn, phase: 'checksum', doneBytes, totalBytes }),
  });
  // A fault of the source keeps its own words.
  const ofStore = <Value>(step: Promise<Value>): Promise<Value> =>
    step.catch((cause: unknown) => {
      throw storeFault(lfn, cause);
    });
  let landing: LandingFile | undefined;
  try {
    const { sizeBytes, checksum } = from;
    if (expectedChecksum !== undefined && !sameAdler32(expectedChecksum, checksum))
      throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of the file is ${checksum}, not ${expectedChecksum}`);
    landing = await ofStore(LandingFile.open(await place.prepare(lfn), randomUUID()));
    let doneBytes = 0;
    for await (const chunk of from.chunks()) {
      signal?.throwIfAborted();
      await ofStore(landing.write(chunk));
      onProgress?.({ lfn, phase: 'transfer', doneBytes: (doneBytes += chunk.length), totalBytes: sizeBytes });
    }
    await place.compare(lfn, landing.temporary, { sizeBytes, checksum });
    await ofStore(landing.land({ overwrite }));
    return { sizeBytes, checksum, pfn: place.pathOf(lfn) };
  } catch (thrown) {
    await landing?.abandon();
    throw thrown;
  } finally {
    await from.close();
  }
}

async function getFile(file: StoredFile, download: Download, { signal, onProgress }: TransferOptions): Promise<ReceivedFile> {
  const { lfn, path, expected = {}, overwrite = false } = download;
  const { sizeBytes } = file;
  await refuseTaken(path, { overwrite });
  if (expected.sizeBytes !== undefined && expected.sizeBytes !== sizeBytes)
    throw new DiracS3Error('size-mismatch', `${lfn}: ${sizeBytes} bytes instead of ${expected.sizeBytes}`);
  const landing = await LandingFile.open(path, randomUUID());
  try {
    let doneBytes = 0;
    const checksum = await file.sum(async (chunk) => {
      signal?.throwIfAborted();
      await landing.write(chunk);
      onProgress?.({ lfn, phase: 'transfer', doneBytes: (doneBytes += chunk.length), totalBytes: sizeBytes });
    });
    const claim = expected.checksum ?? '';
    if (claim !== '' && !sameAdler32(claim, checksum))
      throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of what arrived is ${checksum}, the catalog says ${claim}`);
    await landing.land({ overwrite });
    return { path, sizeBytes, checksum, verified: claim !== '' };
  } catch (thrown) {
    await landing.abandon();
    throw thrown;
  }
}
