import { isVisible, newFileFault, permitted } from '../../../catalog-answers/index.js';
import { BulkResultBuilder, parentOf, type BulkResult, type Lfn } from '../../../domain/index.js';
import { failure, type Failure } from '../../../errors/index.js';
import type { FileMetadata, NewFile } from '../../../ports/index.js';
import type { Sql } from './connection.js';
import { NameSpace } from './name-space.js';
import { directoryOwner, type OperationContext } from './operation.js';
import { readFiles, readGuidOwners, readReplicas } from './queries.js';

/** State of a new file, as DIRAC's. */
const newFileStatus = 'AprioriGood';

/** Judges and plans every item first, then writes what was accepted with one statement per table. */
export function addFiles(sql: Sql, context: OperationContext, files: readonly NewFile[]): BulkResult<true, Lfn> {
  const answer = new BulkResultBuilder<true, Lfn>(files.map(({ lfn }) => lfn));
  const wanted = acceptable(files, answer);
  const names = new NameSpace(sql, wanted.keys());
  const known: Known = {
    names,
    files: readFiles(sql, [...wanted.keys()]),
    replicas: readReplicas(sql, [...wanted.keys()]),
    guidOwners: readGuidOwners(
      sql,
      [...wanted.values()].map(({ guid }) => guid),
    ),
  };
  const accepted: NewFile[] = [];
  for (const lfn of permitted(context, names.facts, { method: 'addFile', names: wanted.keys(), answer })) {
    const file = wanted.get(lfn)!;
    const registered = known.files.get(lfn);
    const fault = registered === undefined ? obstacle(known, file) : difference(known, { file, registered, context });
    if (fault !== undefined) {
      answer.fail(lfn, failure('conflict', `${lfn}: ${fault}`));
      continue;
    }
    answer.succeed(lfn, true);
    if (registered !== undefined) continue;
    names.planFile(lfn);
    known.guidOwners.set(file.guid, lfn);
    accepted.push(file);
  }
  write(sql, context, { names, files: accepted });
  return answer.build();
}

interface Known {
  readonly names: NameSpace;
  readonly files: ReadonlyMap<Lfn, FileMetadata>;
  readonly replicas: ReadonlyMap<Lfn, ReadonlyMap<string, string>>;
  readonly guidOwners: Map<string, Lfn>;
}

/** Why a new name cannot be taken. */
function obstacle({ names, guidOwners }: Known, { lfn, guid }: NewFile): string | undefined {
  if (names.isDirectory(lfn)) return 'is a directory';
  const inTheWay = names.fileInTheWay(parentOf(lfn));
  if (inTheWay !== undefined) return `${inTheWay} is a file, nothing can stand below it`;
  const other = guidOwners.get(guid);
  return other === undefined ? undefined : `its GUID ${guid} belongs to ${other}`;
}

/** How a registered file differs from the one to be added; undefined when it is the same. */
function difference(
  { replicas }: Known,
  { file, registered, context }: { file: NewFile; registered: FileMetadata; context: OperationContext },
): string | undefined {
  if (!isVisible(context, registered)) return `is registered already, in the state ${registered.status}`;
  const differing = (['sizeBytes', 'checksum', 'guid'] as const).filter((field) => registered[field] !== file[field]);
  if (differing.length > 0) return `is registered already with another ${differing.join(', ')}`;
  return replicas.get(file.lfn)?.has(file.storageElement) === true
    ? undefined
    : `is registered already, but not at ${file.storageElement}: add a replica instead`;
}

/** Well-formed files by LFN; the others have failed. */
function acceptable(files: readonly NewFile[], answer: BulkResultBuilder<true, Lfn>): Map<Lfn, NewFile> {
  const wanted = new Map<Lfn, NewFile>();
  const refused = new Map<Lfn, Failure>();
  for (const file of files) {
    const earlier = wanted.get(file.lfn);
    const fault = newFileFault(file) ?? (earlier && !sameItem(earlier, file) ? 'is in this call twice, with different values' : undefined);
    if (fault === undefined) wanted.set(file.lfn, file);
    else refused.set(file.lfn, failure('invalid-argument', `${file.lfn}: ${fault}`));
  }
  for (const [lfn, fault] of refused) {
    wanted.delete(lfn);
    answer.fail(lfn, fault);
  }
  return wanted;
}

function sameItem(one: NewFile, other: NewFile): boolean {
  return (['sizeBytes', 'checksum', 'guid', 'storageElement', 'pfn'] as const).every((field) => one[field] === other[field]);
}

function write(sql: Sql, context: OperationContext, { names, files }: { names: NameSpace; files: readonly NewFile[] }): void {
  const { username: owner, group } = context.identity;
  names.makeDirectories(sql, directoryOwner(context));
  sql.run(
    `INSERT INTO files (lfn, directory, size_bytes, checksum, guid, owner, owner_group, mode, status, created_at, modified_at)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?1, ?2, ?3, ?4, ?5, ?5 FROM json_each(?6)`,
    owner,
    group,
    context.defaultMode,
    newFileStatus,
    context.now.getTime(),
    JSON.stringify(files.map(({ lfn, sizeBytes, checksum, guid }) => [lfn, parentOf(lfn), sizeBytes, checksum, guid])),
  );
  sql.run(
    'INSERT INTO replicas (lfn, storage_element, pfn) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)',
    JSON.stringify(files.map(({ lfn, storageElement, pfn }) => [lfn, storageElement, pfn])),
  );
}
