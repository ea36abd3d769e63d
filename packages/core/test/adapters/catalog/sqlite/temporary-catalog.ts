import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openSqliteFileCatalog,
  type SqliteFileCatalog,
  type SqliteFileCatalogOptions,
} from '../../../../src/adapters/catalog/sqlite/index.js';
import type { CatalogRules } from '../../../../src/config/types.js';
import { fixedClock } from '../../../../src/testing/index.js';

type Options = Partial<Omit<SqliteFileCatalogOptions, 'rules'>> & { readonly rules?: Partial<CatalogRules> };

export function optionsFor(path: string, { rules, ...more }: Options = {}): SqliteFileCatalogOptions {
  return {
    path,
    rules: {
      securityManager: 'VOMSSecurityManager',
      globalReadAccess: false,
      defaultMode: 0o775,
      visibleStates: ['AprioriGood'],
      ...rules,
    },
    vomsRoleOf: () => undefined,
    openRoot: 'never',
    clock: fixedClock(),
    ...more,
  };
}

/** Runs something in a folder of its own, which is gone afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result> | Result): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-catalog-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function withCatalog<Result>(
  work: (catalog: SqliteFileCatalog, path: string) => Promise<Result>,
  options: Options = {},
): Promise<Result> {
  return inFolder(async (folder) => {
    const path = join(folder, 'catalog.db');
    const catalog = openSqliteFileCatalog(optionsFor(path, options));
    try {
      return await work(catalog, path);
    } finally {
      catalog.close();
    }
  });
}
