import {
  answerAccess,
  answerDirectoryMetadata,
  answerExists,
  answerListing,
  answerMetadata,
  answerRegistrations,
  answerReplicas,
  listable,
  planListing,
  type Viewer,
} from '../../../catalog-answers/index.js';
import type { CatalogRules, FileCatalogDatabase, PresignPolicies } from '../../../config/types.js';
import type { Lfn } from '../../../domain/index.js';
import { DiracS3Error } from '../../../errors/index.js';
import { createPermissionChecker, type PermissionRules } from '../../../permission/index.js';
import type { FileCatalog, FileCatalogs, PermissionChecker, ReplicaLookup } from '../../../ports/index.js';
import { ReadOnlyDatabase } from './database.js';
import { concernsSchema } from './database-faults.js';
import { detectLayout, type Layout } from './layout.js';
import {
  readContents,
  readDirectories,
  readFacts,
  readGuidOwners,
  readMetadata,
  readReplicas,
  readSample,
  readSizes,
  replicasByLfn,
  type Catalog,
} from './queries.js';
import { statementsFor, type Statements } from './statements.js';

export interface FileCatalogDbOptions extends Pick<PresignPolicies, 'openRoot'> {
  readonly database: FileCatalogDatabase;
  /** As DIRAC's FileCatalog service reads them, or the answers differ from the service's. */
  readonly rules: CatalogRules;
  /** `VOMSRole` of a group in the Registry. */
  readonly vomsRoleOf: (group: string) => string | undefined;
}

/** DIRAC's catalog, read and never written: its users' operations that change something are refused with `unsupported-operation`. */
export interface FileCatalogDb extends FileCatalogs, PermissionChecker, ReplicaLookup {
  /** Layout of the database; throws what keeps it from being used. */
  detectLayout(): Promise<'level' | 'closure'>;
  /** Some names that are there, a hundred at most: to ask another catalog about the same. */
  sampleNames(): Promise<Lfn[]>;
  /** Afterwards every call is refused with `catalog-unavailable`. */
  close(): Promise<void>;
}

type Read = <Result>(work: (catalog: Catalog) => Promise<Result>) => Promise<Result>;

/**
 * Reads the database of DIRAC's File Catalog itself, in place of its service: MySQL 8.0.4 or MariaDB 10.6 and newer, either layout. Nothing
 * is connected yet: a database that is down is found again by itself. Throws `invalid-configuration` for an unreadable CA file.
 */
export function openFileCatalogDb({ database: settings, rules: given, vomsRoleOf, openRoot }: FileCatalogDbOptions): FileCatalogDb {
  const rules: PermissionRules = { ...given, vomsRoleOf, openRoot };
  const database = new ReadOnlyDatabase(settings);
  let known: { readonly layout: Layout; readonly statements: Statements } | undefined;
  const read: Read = (work) =>
    database.read(async (sql) => {
      try {
        if (known === undefined) {
          const layout = await detectLayout(sql);
          known = { layout, statements: statementsFor(layout) };
        }
        return await work({ sql, ...known, visibleStates: rules.visibleStates, allowReplica: settings.allowReplica });
      } catch (thrown) {
        if (concernsSchema(thrown)) known = undefined;
        throw thrown;
      }
    });
  return {
    ...createPermissionChecker(rules, { fetchFacts: (paths) => read((catalog) => readFacts(catalog, paths)) }),
    async lookUpReplicas(lfns) {
      const { facts, replicas } = await read(async (catalog) => ({
        facts: await readFacts(catalog, lfns),
        replicas: replicasByLfn(await readReplicas(catalog, lfns)),
      }));
      return answerRegistrations(rules, lfns, { facts, storageElementsOf: (lfn) => replicas.get(lfn)?.keys() ?? [] });
    },
    catalogFor: (identity) => userCatalog(read, { rules, identity }),
    detectLayout: () => read(({ layout }) => Promise.resolve(layout.kind)),
    sampleNames: () => read(readSample),
    close: () => database.close(),
  };
}

function userCatalog(read: Read, viewer: Viewer): FileCatalog {
  const { visibleStates } = viewer.rules;
  const changes = (): Promise<never> => {
    const fault = 'this gateway reads the database of the file catalog and changes nothing: use the File Catalog service';
    return Promise.reject(new DiracS3Error('unsupported-operation', fault));
  };
  return {
    addFiles: changes,
    removeFiles: changes,
    addReplicas: changes,
    removeReplicas: changes,
    createDirectories: changes,
    removeDirectories: changes,
    changePaths: changes,
    async getReplicas(lfns) {
      const found = await read(async (catalog) => ({ facts: await readFacts(catalog, lfns), rows: await readReplicas(catalog, lfns) }));
      return answerReplicas(viewer, lfns, { facts: found.facts, replicas: replicasByLfn(found.rows, visibleStates) });
    },
    async getFileMetadata(lfns) {
      const found = await read(async (catalog) => ({ facts: await readFacts(catalog, lfns), files: await readMetadata(catalog, lfns) }));
      return answerMetadata(viewer, lfns, found);
    },
    async getDirectoryMetadata(paths) {
      const found = await read(async (catalog) => ({
        facts: await readFacts(catalog, paths),
        directories: await readDirectories(catalog, paths),
      }));
      return answerDirectoryMetadata(viewer, paths, found);
    },
    findByGuid: (guids) => read((catalog) => readGuidOwners(catalog, guids)),
    exists: async (lfns) => answerExists(viewer, lfns, await read((catalog) => readFacts(catalog, lfns))),
    async listDirectory(directories) {
      const found = await read(async (catalog) => {
        const facts = await readFacts(catalog, directories);
        const names = listable(viewer, directories, facts);
        const sizes = await readSizes(catalog, names);
        const plan = planListing(names, (path) => sizes.get(path) ?? 0);
        return { facts, plan, contents: await readContents(catalog, plan.listed) };
      });
      return answerListing(viewer, directories, found);
    },
    hasAccess: async (method, lfns) => answerAccess(viewer, { method, lfns }, await read((catalog) => readFacts(catalog, lfns))),
  };
}
