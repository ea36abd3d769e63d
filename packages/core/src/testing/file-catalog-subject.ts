import assert from 'node:assert/strict';
import type { Identity, Lfn } from '../domain/index.js';
import type { FileCatalog, FileCatalogs } from '../ports/index.js';
import { alice, bob, fillSampleCatalog, newFile, type CatalogSeed } from './sample-catalog.js';

export interface FileCatalogSubject extends Pick<CatalogSeed, 'createDirectory'> {
  readonly catalogs: FileCatalogs;
}

/** The sample catalog as its two users see it. */
export async function sampleCatalog({
  catalogs,
  createDirectory,
}: FileCatalogSubject): Promise<{ forAlice: FileCatalog; forBob: FileCatalog }> {
  await fillSampleCatalog({ createDirectory, addFile: (file, owner) => addOne(catalogs, owner, file.lfn) });
  return { forAlice: catalogs.catalogFor(alice), forBob: catalogs.catalogFor(bob) };
}

async function addOne(catalogs: FileCatalogs, owner: Identity, lfn: Lfn): Promise<void> {
  const { failed } = await catalogs.catalogFor(owner).addFiles([newFile(lfn)]);
  assert.deepEqual([...failed], []);
}
