import { BulkResultBuilder, type BulkResult, type Lfn, type LfnDirectory } from '../domain/index.js';
import { decideAll, type PermissionFacts } from '../permission/index.js';
import type { DirectoryMetadata, FileMetadata, Registration } from '../ports/index.js';
import { isVisible, missingOtherwise, permitted, type Viewer } from './viewer.js';

/** Storage URL by StorageElement for each file that has a replica, in any state of the file. */
export type ReplicasByLfn = ReadonlyMap<Lfn, ReadonlyMap<string, string>>;

export function answerReplicas(
  viewer: Viewer,
  lfns: readonly Lfn[],
  { facts, replicas }: { readonly facts: PermissionFacts; readonly replicas: ReplicasByLfn },
): BulkResult<ReadonlyMap<string, string>, Lfn> {
  const answer = new BulkResultBuilder<ReadonlyMap<string, string>, Lfn>(lfns);
  for (const lfn of permitted(viewer, facts, { method: 'getReplicas', names: lfns, answer })) {
    if (isVisible(viewer, facts.files.get(lfn))) answer.succeed(lfn, replicas.get(lfn) ?? new Map<string, string>());
  }
  return missingOtherwise(answer);
}

export function answerMetadata(
  viewer: Viewer,
  lfns: readonly Lfn[],
  { facts, files }: { readonly facts: PermissionFacts; readonly files: ReadonlyMap<Lfn, FileMetadata> },
): BulkResult<FileMetadata, Lfn> {
  const answer = new BulkResultBuilder<FileMetadata, Lfn>(lfns);
  for (const lfn of permitted(viewer, facts, { method: 'getFileMetadata', names: lfns, answer })) {
    const metadata = files.get(lfn);
    if (metadata !== undefined && isVisible(viewer, metadata)) answer.succeed(lfn, metadata);
  }
  return missingOtherwise(answer);
}

export function answerDirectoryMetadata(
  viewer: Viewer,
  paths: readonly LfnDirectory[],
  { facts, directories }: { readonly facts: PermissionFacts; readonly directories: ReadonlyMap<LfnDirectory, DirectoryMetadata> },
): BulkResult<DirectoryMetadata, LfnDirectory> {
  const answer = new BulkResultBuilder<DirectoryMetadata, LfnDirectory>(paths);
  for (const path of permitted(viewer, facts, { method: 'getDirectoryMetadata', names: paths, answer })) {
    const metadata = directories.get(path);
    if (metadata !== undefined) answer.succeed(path, metadata);
  }
  return missingOtherwise(answer);
}

/** A hidden file exists, as in DIRAC: its name is not free. */
export function answerExists(viewer: Viewer, lfns: readonly Lfn[], facts: PermissionFacts): BulkResult<boolean, Lfn> {
  const answer = new BulkResultBuilder<boolean, Lfn>(lfns);
  for (const lfn of permitted(viewer, facts, { method: 'exists', names: lfns, answer })) {
    answer.succeed(lfn, facts.files.has(lfn) || facts.directories.has(lfn));
  }
  return answer.build();
}

/** The answer the gateway's permission check gives, as DIRAC's `hasAccess`. */
export function answerAccess(
  { rules, identity }: Viewer,
  { method, lfns }: { readonly method: string; readonly lfns: readonly Lfn[] },
  facts: PermissionFacts,
): BulkResult<boolean, Lfn> {
  const answer = new BulkResultBuilder<boolean, Lfn>(lfns);
  const verdicts = decideAll(rules, facts, { question: { ...identity, method }, paths: lfns });
  for (const [lfn, { allowed }] of verdicts) answer.succeed(lfn, allowed);
  return answer.build();
}

/** Whoever asks: the gateway's own question, not a user's. */
export function answerRegistrations(
  rules: Viewer['rules'],
  lfns: readonly Lfn[],
  { facts, storageElementsOf }: { readonly facts: PermissionFacts; readonly storageElementsOf: (lfn: Lfn) => Iterable<string> },
): Map<Lfn, Registration> {
  const registrationOf = (lfn: Lfn): Registration => {
    const file = facts.files.get(lfn);
    if (file === undefined)
      return facts.directories.has(lfn) ? { registered: true, what: 'directory', storageElements: [] } : { registered: false };
    return { registered: true, what: isVisible({ rules }, file) ? 'file' : 'hidden', storageElements: [...storageElementsOf(lfn)] };
  };
  return new Map(lfns.map((lfn) => [lfn, registrationOf(lfn)]));
}
