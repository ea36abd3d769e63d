import { BulkResultBuilder, type BulkResult, type Lfn, type LfnDirectory } from '../../../domain/index.js';
import { decideAll } from '../../../permission/index.js';
import type { DirectoryListing, FileMetadata, Registration } from '../../../ports/index.js';
import type { Sql } from './connection.js';
import { isVisible, missingOtherwise, permitted, type OperationContext } from './operation.js';
import { readDirectoriesIn, readFacts, readFiles, readFilesIn, readReplicas } from './queries.js';

export function getReplicas(sql: Sql, context: OperationContext, lfns: readonly Lfn[]): BulkResult<ReadonlyMap<string, string>, Lfn> {
  const answer = new BulkResultBuilder<ReadonlyMap<string, string>, Lfn>(lfns);
  const facts = readFacts(sql, lfns);
  const names = permitted(context, facts, { method: 'getReplicas', names: lfns, answer });
  const replicas = readReplicas(sql, names);
  for (const lfn of names) {
    if (isVisible(context, facts.files.get(lfn))) answer.succeed(lfn, replicas.get(lfn) ?? new Map<string, string>());
  }
  return missingOtherwise(answer);
}

export function getFileMetadata(sql: Sql, context: OperationContext, lfns: readonly Lfn[]): BulkResult<FileMetadata, Lfn> {
  const answer = new BulkResultBuilder<FileMetadata, Lfn>(lfns);
  const names = permitted(context, readFacts(sql, lfns), { method: 'getFileMetadata', names: lfns, answer });
  for (const [lfn, metadata] of readFiles(sql, names)) {
    if (isVisible(context, metadata)) answer.succeed(lfn, metadata);
  }
  return missingOtherwise(answer);
}

/** A hidden file exists, as in DIRAC: its name is not free. */
export function exists(sql: Sql, context: OperationContext, lfns: readonly Lfn[]): BulkResult<boolean, Lfn> {
  const answer = new BulkResultBuilder<boolean, Lfn>(lfns);
  const facts = readFacts(sql, lfns);
  for (const lfn of permitted(context, facts, { method: 'exists', names: lfns, answer })) {
    answer.succeed(lfn, facts.files.has(lfn) || facts.directories.has(lfn));
  }
  return answer.build();
}

export function listDirectory(
  sql: Sql,
  context: OperationContext,
  directories: readonly LfnDirectory[],
): BulkResult<DirectoryListing, LfnDirectory> {
  const answer = new BulkResultBuilder<DirectoryListing, LfnDirectory>(directories);
  const facts = readFacts(sql, directories);
  const names = permitted(context, facts, { method: 'listDirectory', names: directories, answer }).filter((path) =>
    facts.directories.has(path),
  );
  const listings = new Map(names.map((path) => [path, { files: new Map<Lfn, FileMetadata>(), directories: [] as LfnDirectory[] }]));
  for (const [directory, lfn, metadata] of readFilesIn(sql, names)) {
    if (isVisible(context, metadata)) listings.get(directory)?.files.set(lfn, metadata);
  }
  for (const [parent, path] of readDirectoriesIn(sql, names)) listings.get(parent)?.directories.push(path);
  for (const [path, listing] of listings) answer.succeed(path, listing);
  return missingOtherwise(answer);
}

/** The answer the gateway's permission check gives, as DIRAC's `hasAccess`. */
export function hasAccess(
  sql: Sql,
  { rules, identity }: OperationContext,
  { method, lfns }: { readonly method: string; readonly lfns: readonly Lfn[] },
): BulkResult<boolean, Lfn> {
  const answer = new BulkResultBuilder<boolean, Lfn>(lfns);
  const verdicts = decideAll(rules, readFacts(sql, lfns), { question: { ...identity, method }, paths: lfns });
  for (const [lfn, { allowed }] of verdicts) answer.succeed(lfn, allowed);
  return answer.build();
}

/** Whoever asks: the gateway's own question, not a user's. */
export function lookUpReplicas(sql: Sql, rules: OperationContext['rules'], lfns: readonly Lfn[]): Map<Lfn, Registration> {
  const facts = readFacts(sql, lfns);
  const replicas = readReplicas(sql, lfns);
  const registrationOf = (lfn: Lfn): Registration => {
    const file = facts.files.get(lfn);
    if (file === undefined)
      return facts.directories.has(lfn) ? { registered: true, what: 'directory', storageElements: [] } : { registered: false };
    return {
      registered: true,
      what: isVisible({ rules }, file) ? 'file' : 'hidden',
      storageElements: [...(replicas.get(lfn)?.keys() ?? [])],
    };
  };
  return new Map(lfns.map((lfn) => [lfn, registrationOf(lfn)]));
}
