import { isVisible, missingOtherwise, permitted } from '../../../catalog-answers/index.js';
import { BulkResultBuilder, parentOf, type BulkResult, type Lfn } from '../../../domain/index.js';
import { failure } from '../../../errors/index.js';
import type { ReplicaOf } from '../../../ports/index.js';
import type { Sql } from './connection.js';
import { NameSpace } from './name-space.js';
import { directoryOwner, type OperationContext } from './operation.js';
import { readFacts } from './queries.js';

/** A hidden file can be removed too: its directory decides, and its name becomes free. */
export function removeFiles(sql: Sql, context: OperationContext, lfns: readonly Lfn[]): BulkResult<true, Lfn> {
  const answer = new BulkResultBuilder<true, Lfn>(lfns);
  const names = permitted(context, readFacts(sql, lfns), { method: 'removeFile', names: lfns, answer });
  const removed = sql.all('DELETE FROM files WHERE lfn IN (SELECT value FROM json_each(?)) RETURNING lfn', JSON.stringify(names));
  for (const { lfn } of removed as { lfn: Lfn }[]) answer.succeed(lfn, true);
  return missingOtherwise(answer);
}

/** A replica that is there stays as it is. Several replicas of one file are added together or not at all. */
export function addReplicas(sql: Sql, context: OperationContext, replicas: readonly ReplicaOf[]): BulkResult<true, Lfn> {
  const answer = new BulkResultBuilder<true, Lfn>(replicas.map(({ lfn }) => lfn));
  const faulty = new Set(replicas.filter(({ storageElement, pfn }) => storageElement === '' || pfn === '').map(({ lfn }) => lfn));
  for (const lfn of faulty) answer.fail(lfn, failure('invalid-argument', `${lfn}: storageElement and pfn must not be empty`));
  const names = answer.pending();
  const facts = readFacts(sql, names);
  for (const lfn of permitted(context, facts, { method: 'addReplica', names, answer })) {
    if (isVisible(context, facts.files.get(lfn))) answer.succeed(lfn, true);
  }
  const result = missingOtherwise(answer);
  sql.run(
    // Without "WHERE true" SQLite takes ON for a join condition.
    `INSERT INTO replicas (lfn, storage_element, pfn) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
     ON CONFLICT DO NOTHING`,
    JSON.stringify(rowsOf(replicas, result)),
  );
  return result;
}

/** A replica that is not there, or whose file is not, is removed already. A hidden file keeps what it has. */
export function removeReplicas(sql: Sql, context: OperationContext, replicas: readonly ReplicaOf[]): BulkResult<true, Lfn> {
  const lfns = replicas.map(({ lfn }) => lfn);
  const answer = new BulkResultBuilder<true, Lfn>(lfns);
  const facts = readFacts(sql, lfns);
  for (const lfn of permitted(context, facts, { method: 'removeReplica', names: lfns, answer })) {
    const file = facts.files.get(lfn);
    if (file === undefined || isVisible(context, file)) answer.succeed(lfn, true);
  }
  const result = missingOtherwise(answer);
  sql.run(
    'DELETE FROM replicas WHERE (lfn, storage_element) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))',
    JSON.stringify(rowsOf(replicas, result)),
  );
  return result;
}

/** A directory that is there succeeds, as in DIRAC; missing ones above it are made too, all owned by the caller. */
export function createDirectories(sql: Sql, context: OperationContext, directories: readonly Lfn[]): BulkResult<true, Lfn> {
  const answer = new BulkResultBuilder<true, Lfn>(directories);
  const names = new NameSpace(sql, directories);
  for (const path of permitted(context, names.facts, { method: 'createDirectory', names: directories, answer })) {
    const inTheWay = names.fileInTheWay(parentOf(path));
    if (names.isFile(path)) answer.fail(path, failure('file-exists', `${path}: is a file`));
    else if (inTheWay !== undefined) answer.fail(path, failure('conflict', `${path}: ${inTheWay} is a file, nothing can stand below it`));
    else {
      names.planDirectory(path);
      answer.succeed(path, true);
    }
  }
  names.makeDirectories(sql, directoryOwner(context));
  return answer.build();
}

/** Empty ones only; a directory that an earlier name of the call emptied is empty. */
export function removeDirectories(sql: Sql, context: OperationContext, directories: readonly Lfn[]): BulkResult<true, Lfn> {
  const answer = new BulkResultBuilder<true, Lfn>(directories);
  const facts = readFacts(sql, directories);
  for (const path of permitted(context, facts, { method: 'removeDirectory', names: directories, answer })) {
    if (!facts.directories.has(path)) continue;
    const inside = 'SELECT 1 FROM directories WHERE parent = ? UNION ALL SELECT 1 FROM files WHERE directory = ? LIMIT 1';
    if (sql.all(inside, path, path).length > 0) answer.fail(path, failure('conflict', `${path}: the directory is not empty`));
    else {
      sql.run('DELETE FROM directories WHERE path = ?', path);
      answer.succeed(path, true);
    }
  }
  return missingOtherwise(answer);
}

function rowsOf(replicas: readonly ReplicaOf[], { successful }: BulkResult<true, Lfn>): string[][] {
  return replicas.filter(({ lfn }) => successful.has(lfn)).map(({ lfn, storageElement, pfn }) => [lfn, storageElement, pfn]);
}
