import type { CatalogRules, PresignPolicies } from '../../../config/types.js';
import { maxMode } from '../../../domain/index.js';
import { DiracS3Error } from '../../../errors/index.js';
import { createPermissionChecker, type PermissionRules } from '../../../permission/index.js';
import type { Clock, FileCatalog, FileCatalogs, PermissionChecker, ReplicaLookup } from '../../../ports/index.js';
import { addFiles } from './add-files.js';
import { administrationOf, type CatalogAdministration } from './administration.js';
import { addReplicas, createDirectories, removeDirectories, removeFiles, removeReplicas } from './changing.js';
import { changePaths } from './change-paths.js';
import { SqliteConnection, type Sql } from './connection.js';
import type { OperationContext } from './operation.js';
import { readFacts, readGuidOwners } from './queries.js';
import { exists, getDirectoryMetadata, getFileMetadata, getReplicas, hasAccess, listDirectory, lookUpReplicas } from './reading.js';

export interface SqliteFileCatalogOptions extends Pick<PresignPolicies, 'openRoot'> {
  /** File of the database, made when missing; its directory must exist. Several processes may have it open. */
  readonly path: string;
  readonly rules: CatalogRules;
  /** `VOMSRole` of a group in the Registry. */
  readonly vomsRoleOf: (group: string) => string | undefined;
  readonly clock: Clock;
}

/** The embedded file catalog: what users see of it, the gateway's two questions, and its upkeep. */
export interface SqliteFileCatalog extends FileCatalogs, PermissionChecker, ReplicaLookup {
  readonly administration: CatalogAdministration;
  /** Afterwards every call is refused with `catalog-unavailable`. */
  close(): void;
}

/**
 * Opens a file catalog in one SQLite file. A fresh one holds `/` alone, mode 0775, owned by nobody: an administrator
 * makes what stands in it. Throws `catalog-unavailable` when the file cannot be used, `invalid-configuration` when it is
 * another program's database or has a schema this program does not know yet.
 */
export function openSqliteFileCatalog(options: SqliteFileCatalogOptions): SqliteFileCatalog {
  const { clock, vomsRoleOf, openRoot } = options;
  const { defaultMode } = options.rules;
  if (!Number.isInteger(defaultMode) || defaultMode < 0 || defaultMode > maxMode) {
    throw new DiracS3Error('invalid-configuration', 'the mode of new files and directories must be between 0 and 511 (0o777)');
  }
  const rules: PermissionRules = { ...options.rules, vomsRoleOf, openRoot };
  const connection = new SqliteConnection(options.path);
  const checker = createPermissionChecker(rules, { fetchFacts: (paths) => connection.read((sql) => readFacts(sql, paths)) });
  return {
    ...checker,
    lookUpReplicas: (lfns) => connection.read((sql) => lookUpReplicas(sql, rules, lfns)),
    catalogFor: (identity) => userCatalog(connection, () => ({ rules, defaultMode, identity, now: clock.now() })),
    administration: administrationOf(connection, clock),
    close: () => connection.close(),
  };
}

function userCatalog(connection: SqliteConnection, context: () => OperationContext): FileCatalog {
  const through =
    (access: 'read' | 'write') =>
    <Items, Answer>(operation: (sql: Sql, context: OperationContext, items: Items) => Answer) =>
    (items: Items): Promise<Answer> =>
      connection[access]((sql) => operation(sql, context(), items));
  const [reading, writing] = [through('read'), through('write')];
  return {
    addFiles: writing(addFiles),
    removeFiles: writing(removeFiles),
    addReplicas: writing(addReplicas),
    removeReplicas: writing(removeReplicas),
    createDirectories: writing(createDirectories),
    removeDirectories: writing(removeDirectories),
    changePaths: (paths, change, { recursive = false } = {}) => writing(changePaths)({ paths, change, recursive }),
    getReplicas: reading(getReplicas),
    getFileMetadata: reading(getFileMetadata),
    getDirectoryMetadata: reading(getDirectoryMetadata),
    findByGuid: (guids) => connection.read((sql) => readGuidOwners(sql, guids)),
    exists: reading(exists),
    listDirectory: reading(listDirectory),
    hasAccess: (method, lfns) => reading(hasAccess)({ method, lfns }),
  };
}
