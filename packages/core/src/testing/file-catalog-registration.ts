import assert from 'node:assert/strict';
import { parseLfn } from '../domain/index.js';
import type { NewFile } from '../ports/index.js';
import type { ContractCheck } from './contract.js';
import { sampleCatalog, type FileCatalogSubject } from './file-catalog-subject.js';
import { administrator, aliceFile, aliceHome, bobFile, bobHome, newFile, outcomes, storageElement, trickyNames } from './sample-catalog.js';

const fresh = parseLfn(`${aliceHome}/run/2026/fresh.bin`);

export const registrationChecks: readonly ContractCheck<FileCatalogSubject>[] = [
  {
    name: 'registers a file with its first replica, owned by the caller',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const file = newFile(fresh, { sizeBytes: 2 ** 40 });
      assert.deepEqual(outcomes(await forAlice.addFiles([file])), { [fresh]: 'ok' });
      const metadata = (await forAlice.getFileMetadata([fresh])).successful.get(fresh);
      assert.ok(metadata !== undefined && metadata.createdAt instanceof Date && metadata.modifiedAt instanceof Date);
      assert.deepEqual(
        { ...metadata, createdAt: 0, modifiedAt: 0 },
        {
          sizeBytes: 2 ** 40,
          checksum: file.checksum,
          checksumType: 'Adler32',
          guid: file.guid,
          owner: 'alice',
          ownerGroup: 'users',
          mode: 0o775,
          status: 'AprioriGood',
          createdAt: 0,
          modifiedAt: 0,
        },
      );
      assert.deepEqual((await forAlice.getReplicas([fresh])).successful.get(fresh), new Map([[storageElement, file.pfn]]));
    },
  },
  {
    name: 'makes missing directories, owned by the caller',
    check: async (subject) => {
      const { forAlice, forBob } = await sampleCatalog(subject);
      await forAlice.addFiles([newFile(fresh)]);
      const below = parseLfn(`${aliceHome}/run/other`);
      assert.deepEqual(outcomes(await forBob.addFiles([newFile(below)])), { [below]: 'permission-denied' });
      assert.deepEqual(outcomes(await forAlice.addFiles([newFile(below)])), { [below]: 'ok' });
    },
  },
  {
    name: 'accepts the same file again, and refuses any other under its name',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const before = await forAlice.getFileMetadata([aliceFile]);
      assert.deepEqual(outcomes(await forAlice.addFiles([newFile(aliceFile)])), { [aliceFile]: 'ok' });
      const others: Partial<NewFile>[] = [
        { sizeBytes: 12 },
        { checksum: '00000001' },
        { guid: newFile(fresh).guid },
        { storageElement: 'OTHER' },
      ];
      for (const other of others) {
        assert.deepEqual(
          outcomes(await forAlice.addFiles([newFile(aliceFile, other)])),
          { [aliceFile]: 'conflict' },
          JSON.stringify(other),
        );
      }
      assert.deepEqual(await forAlice.getFileMetadata([aliceFile]), before);
      assert.deepEqual([...((await forAlice.getReplicas([aliceFile])).successful.get(aliceFile)?.keys() ?? [])], [storageElement]);
    },
  },
  {
    name: 'refuses a GUID that belongs to another LFN and names it, within one call too',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const taken = await forAlice.addFiles([newFile(fresh, { guid: newFile(aliceFile).guid })]);
      assert.equal(taken.failed.get(fresh)?.code, 'conflict');
      assert.ok(taken.failed.get(fresh)?.message.includes(aliceFile));
      const [one, two] = [parseLfn(`${aliceHome}/one`), parseLfn(`${aliceHome}/two`)];
      const together = await forAlice.addFiles([newFile(one), newFile(two, { guid: newFile(one).guid })]);
      assert.deepEqual(outcomes(together), { [one]: 'ok', [two]: 'conflict' });
      assert.deepEqual(outcomes(await forAlice.getFileMetadata([two])), { [two]: 'no-such-file' });
    },
  },
  {
    name: 'never lets a name be both file and directory, within one call too',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const below = parseLfn(`${aliceFile}/below`);
      const homeAsFile = outcomes(await subject.catalogs.catalogFor(administrator).addFiles([newFile(aliceHome)]));
      assert.deepEqual(homeAsFile, { [aliceHome]: 'conflict' });
      assert.deepEqual(outcomes(await forAlice.addFiles([newFile(below)])), { [below]: 'conflict' });
      const directories = await forAlice.createDirectories([aliceFile, below]);
      assert.deepEqual(outcomes(directories), { [aliceFile]: 'file-exists', [below]: 'conflict' });
      const [upper, lower] = [parseLfn(`${aliceHome}/x`), parseLfn(`${aliceHome}/x/y`)];
      assert.deepEqual(outcomes(await forAlice.addFiles([newFile(upper), newFile(lower)])), { [upper]: 'ok', [lower]: 'conflict' });
    },
  },
  {
    name: 'refuses malformed values of an item and leaves nothing of it',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const malformed: Partial<NewFile>[] = [
        { sizeBytes: -1 },
        { sizeBytes: 0.5 },
        { checksum: 'x' },
        { guid: 'x' },
        { storageElement: '' },
      ];
      for (const values of malformed) {
        assert.deepEqual(
          outcomes(await forAlice.addFiles([newFile(fresh, values)])),
          { [fresh]: 'invalid-argument' },
          JSON.stringify(values),
        );
      }
      assert.deepEqual([...(await forAlice.exists([parseLfn(`${aliceHome}/run`)])).successful.values()], [false]);
    },
  },
  {
    name: 'judges each item for itself and answers in the order of the call',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const foreign = parseLfn(`${bobHome}/planted`);
      const result = await forAlice.addFiles([newFile(foreign), newFile(fresh), newFile(bobFile), newFile(aliceFile)]);
      assert.deepEqual([...result.successful.keys()], [fresh, aliceFile]);
      assert.deepEqual([...result.failed.keys()], [foreign, bobFile]);
      assert.deepEqual(new Set([...result.failed.values()].map(({ code }) => code)), new Set(['permission-denied']));
      const seenByBob = await subject.catalogs.catalogFor(administrator).exists([foreign]);
      assert.deepEqual([...seenByBob.successful.values()], [false]);
    },
  },
  {
    name: 'keeps names apart byte by byte',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const files = trickyNames.map((name, at) => newFile(parseLfn(`${aliceHome}/tricky/${name}`), { sizeBytes: at }));
      assert.equal((await forAlice.addFiles(files)).successful.size, files.length);
      const metadata = await forAlice.getFileMetadata(files.map(({ lfn }) => lfn));
      assert.deepEqual(
        [...metadata.successful].map(([lfn, { sizeBytes }]) => [lfn, sizeBytes]),
        files.map(({ lfn, sizeBytes }) => [lfn, sizeBytes]),
      );
    },
  },
  {
    name: 'registers 1 000 files in one call',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const files = Array.from({ length: 1000 }, (_, at) => newFile(parseLfn(`${aliceHome}/d${at % 20}/f${at}`)));
      assert.equal((await forAlice.addFiles(files)).successful.size, 1000);
      assert.equal((await forAlice.getReplicas(files.map(({ lfn }) => lfn))).successful.size, 1000);
    },
  },
];
