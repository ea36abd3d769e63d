export { seedSqliteFileCatalog, type CatalogAdministration, type DirectoryEntry, type FileStatus } from './administration.js';
export { openSqliteFileCatalog, type SqliteFileCatalog, type SqliteFileCatalogOptions } from './open.js';
