export { requiredTables } from './layout.js';
export { openFileCatalogDb, type FileCatalogDb, type FileCatalogDbOptions } from './open.js';
