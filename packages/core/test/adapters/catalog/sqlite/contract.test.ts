import { describe, it } from '@jest/globals';
import type { SqliteFileCatalog } from '../../../../src/adapters/catalog/sqlite/index.js';
import {
  fileCatalogContract,
  permissionCheckerContract,
  replicaLookupContract,
  type FileCatalogSubject,
  type PermissionCheckerSubject,
  type ReplicaLookupSubject,
} from '../../../../src/testing/index.js';
import { withCatalog } from './temporary-catalog.js';

const subjectOf = (catalog: SqliteFileCatalog): FileCatalogSubject & PermissionCheckerSubject & ReplicaLookupSubject => ({
  catalogs: catalog,
  checker: catalog,
  lookup: catalog,
  createDirectory: (directory) => catalog.administration.createDirectories([directory]),
  addFile: async (file, owner) => {
    await catalog.catalogFor(owner).addFiles([file]);
  },
  hideFile: (lfn) => catalog.administration.setFileStatus(lfn, 'Trash'),
});

describe.each(['DirectorySecurityManager', 'DirectorySecurityManagerWithDelete', 'VOMSSecurityManager'] as const)(
  'the SQLite file catalog under %s',
  (securityManager) => {
    it.each([...fileCatalogContract, ...permissionCheckerContract, ...replicaLookupContract])('$name', ({ check }) =>
      withCatalog((catalog) => check(subjectOf(catalog)), { rules: { securityManager } }),
    );
  },
);
