import type { FileCatalog, FileCatalogs } from '../ports/index.js';
import { alice, bob, fillSampleCatalog, type CatalogSeed } from './sample-catalog.js';

export interface FileCatalogSubject extends CatalogSeed {
  readonly catalogs: FileCatalogs;
}

/** The sample catalog as its two users see it. */
export async function sampleCatalog(subject: FileCatalogSubject): Promise<{ forAlice: FileCatalog; forBob: FileCatalog }> {
  await fillSampleCatalog(subject);
  return { forAlice: subject.catalogs.catalogFor(alice), forBob: subject.catalogs.catalogFor(bob) };
}
