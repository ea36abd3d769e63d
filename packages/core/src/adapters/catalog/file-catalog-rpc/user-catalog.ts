import { isDeepStrictEqual } from 'node:util';
import { allRefused, changeMethod, newFileFault, refusedChange } from '../../../catalog-answers/index.js';
import { BulkResultBuilder, type BulkResult, type Lfn, type LfnDirectory } from '../../../domain/index.js';
import { failure, type Failure } from '../../../errors/index.js';
import { type DiracObject, type DiracValue } from '../../../dirac-protocol/index.js';
import type { FileCatalog, NewFile, ReplicaOf } from '../../../ports/index.js';
import type { Caller } from './caller.js';
import { nameFault, ownerFault, replicaFault } from './names.js';
import { askAccess, namesOf } from './questions.js';
import { outcomesOf } from './service-answers.js';
import { directoryMetadataOf, listingOf, metadataOf, replicasOf } from './values.js';

const reading = { repeatable: true };
const done = (): true => true;

/** The catalog as one user has it, by the methods and arguments of DIRAC's own client. */
export function userCatalog(call: Caller): FileCatalog {
  const read =
    <Value, Name extends LfnDirectory>(
      method: string,
      valueOf: (value: DiracValue, name: Name) => Value | undefined,
      ...args: DiracValue[]
    ) =>
    (names: readonly Name[]) =>
      askProper(names, async (proper) => outcomesOf(proper, await call(method, [namesOf(proper), ...args], reading), valueOf));
  const findByGuid = async (guids: readonly string[]): Promise<Map<string, Lfn>> => {
    if (guids.length === 0) return new Map();
    const { successful } = outcomesOf(guids, await call('getLFNForGUID', [[...guids]], reading), lfnOf);
    return new Map(successful);
  };
  /** The service says yes to a name that is not there. */
  const removeExisting = (lfns: readonly Lfn[], question: string, method: string): Promise<BulkResult<true, Lfn>> =>
    askProper(lfns, async (proper) => {
      const { successful, failed } = outcomesOf(proper, await call(question, [namesOf(proper)], reading), isThere);
      const there = proper.filter((lfn) => successful.get(lfn) === true);
      const removed = there.length === 0 ? undefined : outcomesOf(there, await call(method, [namesOf(there)]), done);
      const missing = (lfn: Lfn) => failure('no-such-file', `${lfn}: no such file or directory`);
      return collect(
        proper,
        (lfn) => failed.get(lfn) ?? removed?.failed.get(lfn) ?? (removed?.successful.has(lfn) === true ? true : missing(lfn)),
      );
    });
  return {
    async addFiles(files) {
      const { wanted, refused } = acceptable(files);
      const added = await askProper([...wanted.keys()], async (proper) =>
        outcomesOf(proper, await call('addFile', [Object.fromEntries(proper.map((lfn) => [lfn, newFile(wanted.get(lfn)!)]))]), done),
      );
      const result = await namingOwners(added, wanted, findByGuid);
      const names = files.map(({ lfn }) => lfn);
      return collect(names, (lfn) => refused.get(lfn) ?? result.failed.get(lfn) ?? true);
    },
    removeFiles: (lfns) => removeExisting(lfns, 'isFile', 'removeFile'),
    async addReplicas(replicas) {
      const refused = new Map<Lfn, Failure>();
      for (const replica of replicas) {
        const fault = replicaFault(replica);
        if (fault !== undefined) refused.set(replica.lfn, failure('invalid-argument', `${replica.lfn}: ${fault}`));
      }
      const wanted = replicas.filter(({ lfn }) => !refused.has(lfn));
      const added = await inRounds(wanted, call, 'addReplica', ({ storageElement, pfn }) => ({ PFN: pfn, SE: storageElement }));
      return collect([...new Set(replicas.map(({ lfn }) => lfn))], (lfn) => refused.get(lfn) ?? added.failed.get(lfn) ?? true);
    },
    removeReplicas: (replicas) => inRounds(replicas, call, 'removeReplica', ({ storageElement }) => ({ SE: storageElement })),
    createDirectories: (directories) =>
      askProper(directories, async (proper) => outcomesOf(proper, await call('createDirectory', [namesOf(proper)]), done)),
    removeDirectories: (directories) => removeExisting(directories, 'isDirectory', 'removeDirectory'),
    async changePaths(paths, change, { recursive = false } = {}) {
      const { method, value } = changeMethod(change);
      const fault = ownerFault(String(value));
      const refused = refusedChange(paths, change) ?? (fault === undefined ? undefined : allRefused(paths, fault));
      if (refused !== undefined) return refused;
      return askProper(paths, async (proper) =>
        outcomesOf(proper, await call(method, [Object.fromEntries(proper.map((path) => [path, value])), recursive]), done),
      );
    },
    getReplicas: read('getReplicas', replicasOf, false),
    getFileMetadata: read('getFileMetadata', metadataOf),
    getDirectoryMetadata: read('getDirectoryMetadata', directoryMetadataOf),
    findByGuid,
    exists: read('exists', isThere),
    listDirectory: read('listDirectory', listingOf, true),
    async hasAccess(method, lfns) {
      const verdicts = await askAccess(call, method, lfns);
      return collect(
        lfns,
        (lfn) => verdicts.get(lfn)?.allowed ?? failure('catalog-unavailable', `${lfn}: the File Catalog gave no answer`),
      );
    },
  };
}

/** Fails the names that must not be sent, and asks about the others, if there are any. */
async function askProper<Value, Name extends LfnDirectory>(
  names: readonly Name[],
  ask: (proper: readonly Name[]) => Promise<BulkResult<Value, Name>>,
): Promise<BulkResult<Value, Name>> {
  const proper = [...new Set(names)].filter((name) => nameFault(name) === undefined);
  const result = proper.length === 0 ? undefined : await ask(proper);
  const answer = new BulkResultBuilder<Value, Name>(names);
  for (const name of answer.pending()) {
    const fault = nameFault(name);
    if (fault !== undefined) answer.fail(name, failure('invalid-lfn', `${name}: ${fault}`));
    else if (result?.successful.has(name) === true) answer.succeed(name, result.successful.get(name)!);
    else if (result?.failed.has(name) === true) answer.fail(name, result.failed.get(name)!);
  }
  return answer.build();
}

/** The service takes one replica per name and call. */
async function inRounds(
  replicas: readonly ReplicaOf[],
  call: Caller,
  method: string,
  argumentOf: (replica: ReplicaOf) => DiracObject,
): Promise<BulkResult<true, Lfn>> {
  const names = [...new Set(replicas.map(({ lfn }) => lfn))];
  let left = [...replicas];
  const result = new Map<Lfn, true | Failure>();
  while (left.length > 0) {
    const round = new Map(left.map((replica) => [replica.lfn, replica]));
    left = left.filter((replica) => round.get(replica.lfn) !== replica);
    const { successful, failed } = await askProper([...round.keys()], async (proper) =>
      outcomesOf(proper, await call(method, [Object.fromEntries(proper.map((lfn) => [lfn, argumentOf(round.get(lfn)!)]))]), done),
    );
    for (const lfn of successful.keys()) if (!result.has(lfn)) result.set(lfn, true);
    for (const [lfn, fault] of failed) result.set(lfn, fault);
  }
  return collect(names, (lfn) => result.get(lfn) ?? failure('catalog-unavailable', `${lfn}: the File Catalog gave no answer`));
}

/** A conflict about a GUID names the file that has it. */
async function namingOwners(
  result: BulkResult<true, Lfn>,
  files: ReadonlyMap<Lfn, NewFile>,
  findByGuid: FileCatalog['findByGuid'],
): Promise<BulkResult<true, Lfn>> {
  const disputed = [...result.failed].filter(([, { message }]) => message.includes('GUID')).map(([lfn]) => lfn);
  if (disputed.length === 0) return result;
  const owners = await findByGuid(disputed.map((lfn) => files.get(lfn)!.guid));
  return collect([...files.keys()], (lfn) => {
    const fault = result.failed.get(lfn);
    const { guid } = files.get(lfn)!;
    const owner = owners.get(guid);
    if (fault === undefined) return true;
    return disputed.includes(lfn) && owner !== undefined ? failure('conflict', `${lfn}: its GUID ${guid} belongs to ${owner}`) : fault;
  });
}

function collect<Value, Name extends string>(names: readonly Name[], outcomeOf: (name: Name) => Value | Failure): BulkResult<Value, Name> {
  const answer = new BulkResultBuilder<Value, Name>(names);
  for (const name of answer.pending()) {
    const outcome = outcomeOf(name);
    if (typeof outcome === 'object' && outcome !== null && 'code' in outcome) answer.fail(name, outcome);
    else answer.succeed(name, outcome);
  }
  return answer.build();
}

/** The service takes what it is given: a size cut to fit, and of two files with one GUID in one call both. */
function acceptable(files: readonly NewFile[]): { wanted: Map<Lfn, NewFile>; refused: Map<Lfn, Failure> } {
  const [wanted, refused, owners] = [new Map<Lfn, NewFile>(), new Map<Lfn, Failure>(), new Map<string, Lfn>()];
  for (const file of files) {
    const { lfn, guid } = file;
    const fault =
      newFileFault(file) ??
      replicaFault(file) ??
      (wanted.has(lfn) && !isDeepStrictEqual(wanted.get(lfn), file) ? 'is in this call twice, with different values' : undefined);
    const owner = owners.get(guid) ?? lfn;
    if (fault !== undefined) refused.set(lfn, failure('invalid-argument', `${lfn}: ${fault}`));
    else if (owner !== lfn) refused.set(lfn, failure('conflict', `${lfn}: its GUID ${guid} belongs to ${owner}`));
    else {
      wanted.set(lfn, file);
      owners.set(guid, lfn);
    }
  }
  for (const lfn of refused.keys()) wanted.delete(lfn);
  return { wanted, refused };
}

function newFile({ pfn, storageElement, sizeBytes, checksum, guid }: NewFile): DiracObject {
  return { PFN: pfn, SE: storageElement, Size: sizeBytes, Checksum: checksum, ChecksumType: 'Adler32', GUID: guid };
}

/** `exists` and `isFile` answer with the name, or with False. */
function isThere(value: DiracValue): boolean {
  return typeof value === 'string' ? value !== '' : value === true;
}

function lfnOf(value: DiracValue): Lfn | undefined {
  // The closure layout writes "//name" for a file in the root.
  return typeof value === 'string' && value.startsWith('/') ? (value.replace(/^\/+/, '/') as Lfn) : undefined;
}
