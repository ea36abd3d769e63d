import { lfnFault, permissionBits, type Lfn, type LfnDirectory } from '../../../domain/index.js';
import { isDiracObject, type DiracValue } from '../../../dirac-protocol/index.js';
import type { DirectoryListing, DirectoryMetadata, FileMetadata } from '../../../ports/index.js';

/** Metadata as `getFileMetadata` and `listDirectory` send them; undefined when something that counts is missing. */
export function metadataOf(value: DiracValue): FileMetadata | undefined {
  if (!isDiracObject(value)) return undefined;
  const {
    Size: size,
    Checksum: checksum,
    ChecksumType: type,
    GUID: guid,
    Owner: owner,
    OwnerGroup: group,
    Mode: mode,
    Status: status,
  } = value;
  const { CreationDate: created, ModificationDate: modified } = value;
  const sizeBytes = typeof size === 'bigint' ? Number(size) : size;
  if (typeof sizeBytes !== 'number' || typeof mode !== 'number' || typeof status !== 'string') return undefined;
  return {
    sizeBytes,
    checksum: textOf(checksum),
    checksumType: type === 'MD5' ? 'MD5' : 'Adler32',
    guid: textOf(guid),
    owner: textOf(owner),
    ownerGroup: textOf(group),
    mode: permissionBits(mode),
    status,
    createdAt: dateOf(created),
    modifiedAt: dateOf(modified),
  };
}

/** As `getDirectoryMetadata` sends it; undefined when something that counts is missing. */
export function directoryMetadataOf(value: DiracValue): DirectoryMetadata | undefined {
  const {
    Owner: owner,
    OwnerGroup: group,
    Mode: mode,
    CreationDate: created,
    ModificationDate: modified,
  } = isDiracObject(value) ? value : {};
  if (typeof mode !== 'number') return undefined;
  return {
    owner: textOf(owner),
    ownerGroup: textOf(group),
    mode: permissionBits(mode),
    ...(created && { createdAt: dateOf(created) }),
    ...(modified && { modifiedAt: dateOf(modified) }),
  };
}

/** Storage URL by StorageElement. Where the catalog keeps none (`LFNPFNConvention` Strong), DIRAC's own client puts the LFN. */
export function replicasOf(value: DiracValue, lfn: Lfn): ReadonlyMap<string, string> | undefined {
  if (!isDiracObject(value)) return undefined;
  return new Map(Object.entries(value).map(([storageElement, pfn]) => [storageElement, textOf(pfn) || lfn]));
}

/** Files are named by their base name; what has no proper name is left out. */
export function listingOf(value: DiracValue, directory: LfnDirectory): DirectoryListing | undefined {
  const { Files: files, SubDirs: directories } = isDiracObject(value) ? value : {};
  if (files === undefined || directories === undefined || !isDiracObject(files) || !isDiracObject(directories)) return undefined;
  const listed = new Map<Lfn, FileMetadata>();
  for (const [name, entry] of Object.entries(files)) {
    const lfn = name.startsWith('/') ? name : `${directory === '/' ? '' : directory}/${name}`;
    const { MetaData: sent = null } = isDiracObject(entry) ? entry : {};
    const metadata = metadataOf(sent);
    if (metadata === undefined) return undefined;
    if (lfnFault(lfn) === undefined) listed.set(lfn as Lfn, metadata);
  }
  return { files: listed, directories: Object.keys(directories).filter((path) => lfnFault(path) === undefined) as Lfn[] };
}

function textOf(value: DiracValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The service writes UTC. */
function dateOf(value: DiracValue | undefined): Date {
  if (value instanceof Date) return value;
  return new Date(typeof value === 'string' ? `${value.replace(' ', 'T')}Z` : 0);
}
