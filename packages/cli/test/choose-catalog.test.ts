import { describe, expect, it } from '@jest/globals';
import type { CatalogSettings } from '@dirac-s3/core/config';
import { chooseCatalog } from '../src/choose-catalog.js';

const service = {
  service: 'DataManagement/FileCatalog',
  urls: ['dips://dirac.example.org:9197/DataManagement/FileCatalog'],
  timeoutSeconds: 10,
};
const cache = { allowedSeconds: 0, refusedSeconds: 0, cacheSize: 1 };
const fileCatalog: CatalogSettings = { type: 'file-catalog', service, cache };
const sqlite: CatalogSettings = { type: 'sqlite', path: '/catalog.db' };
const choose = (catalog: CatalogSettings | undefined, credential: 'proxy' | 'token' | undefined, forced?: string) =>
  chooseCatalog({ catalog }, { forced, credential });

describe('the catalog of the commands', () => {
  it('is the service of the File Catalog for whoever has a proxy, and what the gateway has for others', () => {
    expect(choose(fileCatalog, 'proxy')).toEqual({ type: 'file-catalog', service });
    expect(choose(fileCatalog, 'token')).toEqual({ type: 'gateway' });
  });

  it('is what the gateway has where the configuration names none, or says so', () => {
    expect(choose(undefined, 'proxy')).toEqual({ type: 'gateway' });
    expect(choose({ type: 'gateway' }, 'proxy')).toEqual({ type: 'gateway' });
  });

  it('is the SQLite file where one is configured', () => {
    expect(choose(sqlite, undefined)).toEqual(sqlite);
  });

  it('is what --catalog says', () => {
    expect(choose(fileCatalog, 'proxy', 'gateway')).toEqual({ type: 'gateway' });
    expect(choose(sqlite, 'token', 'gateway')).toEqual({ type: 'gateway' });
    expect(choose(fileCatalog, 'proxy', 'file-catalog')).toEqual({ type: 'file-catalog', service });
  });

  it('is never another one than --catalog says', () => {
    expect(() => choose(fileCatalog, 'token', 'file-catalog')).toThrow(/by their proxy, and there is none/);
    expect(() => choose(sqlite, 'proxy', 'file-catalog')).toThrow(/has no service of a File Catalog/);
    expect(() => choose(undefined, 'proxy', 'file-catalog')).toThrow(/has no service/);
    expect(() => choose(fileCatalog, 'proxy', 'dfc')).toThrow(/--catalog must be file-catalog or gateway/);
  });
});
