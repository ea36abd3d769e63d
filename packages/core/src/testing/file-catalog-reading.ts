import assert from 'node:assert/strict';
import { parentOf, parseLfn, parseLfnDirectory } from '../domain/index.js';
import type { ContractCheck } from './contract.js';
import { sampleCatalog, type FileCatalogSubject } from './file-catalog-subject.js';
import { administrator, alice, aliceFile, aliceHome, bobFile, bobHome, newFile, outcomes, storageElement } from './sample-catalog.js';

const missing = parseLfn(`${aliceHome}/missing`);

export const readingChecks: readonly ContractCheck<FileCatalogSubject>[] = [
  {
    name: 'reads what the user may see, and answers for every name in the order of the call',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const result = await forAlice.getFileMetadata([missing, aliceFile, bobFile, aliceHome, aliceFile]);
      assert.deepEqual([...result.successful.keys()], [aliceFile]);
      assert.deepEqual(
        [...result.failed].map(([lfn, { code }]) => [lfn, code]),
        [
          [missing, 'no-such-file'],
          [bobFile, 'permission-denied'],
          [aliceHome, 'no-such-file'],
        ],
      );
    },
  },
  {
    name: 'finds a file by its GUID, whoever asks, and leaves out a GUID nobody has',
    check: async (subject) => {
      const { forBob } = await sampleCatalog(subject);
      const { guid } = newFile(aliceFile);
      assert.deepEqual(await forBob.findByGuid([newFile(missing).guid, guid]), new Map([[guid, aliceFile]]));
      assert.deepEqual(await forBob.findByGuid([]), new Map());
    },
  },
  {
    name: 'tells size, checksum, owner and mode of a file, and where its replica is',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const { sizeBytes, checksum, guid, pfn } = newFile(aliceFile);
      const metadata = (await forAlice.getFileMetadata([aliceFile])).successful.get(aliceFile);
      assert.ok(metadata !== undefined && !Number.isNaN(metadata.createdAt.getTime()) && !Number.isNaN(metadata.modifiedAt.getTime()));
      const { createdAt: _created, modifiedAt: _modified, ...rest } = metadata;
      assert.deepEqual(rest, {
        sizeBytes,
        checksum,
        checksumType: 'Adler32',
        guid,
        owner: 'alice',
        ownerGroup: 'users',
        mode: 0o775,
        status: 'AprioriGood',
      });
      assert.deepEqual((await forAlice.getReplicas([aliceFile])).successful.get(aliceFile), new Map([[storageElement, pfn]]));
    },
  },
  {
    name: 'tells owner and mode of directories, the root among them, and of a private place nothing',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const hidden = parseLfn(`${bobHome}/missing`);
      const result = await forAlice.getDirectoryMetadata([missing, aliceHome, hidden, aliceFile, aliceHome]);
      assert.deepEqual(outcomes(result), {
        [aliceHome]: 'ok',
        [missing]: 'no-such-file',
        [hidden]: 'permission-denied',
        [aliceFile]: 'no-such-file',
      });
      const { createdAt, modifiedAt, ...facts } = result.successful.get(aliceHome)!;
      assert.deepEqual(facts, { owner: 'alice', ownerGroup: 'users', mode: 0o755 });
      for (const instant of [createdAt, modifiedAt]) assert.ok(instant === undefined || !Number.isNaN(instant.getTime()));
      const root = parseLfnDirectory('/');
      assert.deepEqual(outcomes(await subject.catalogs.catalogFor(administrator).getDirectoryMetadata([root])), { [root]: 'ok' });
    },
  },
  {
    name: 'knows no replicas of a missing file',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      assert.deepEqual(outcomes(await forAlice.getReplicas([missing, aliceFile])), { [aliceFile]: 'ok', [missing]: 'no-such-file' });
    },
  },
  {
    name: 'says of files and directories that they exist, and of a private place nothing',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const { successful, failed } = await forAlice.exists([aliceFile, aliceHome, missing, bobFile]);
      assert.deepEqual(
        [...successful],
        [
          [aliceFile, true],
          [aliceHome, true],
          [missing, false],
        ],
      );
      assert.equal(failed.get(bobFile)?.code, 'permission-denied');
    },
  },
  {
    name: 'lists what stands directly in a directory',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const deep = parseLfn(`${aliceHome}/run/deep/file`);
      await subject.addFile(newFile(deep), alice);
      const run = parentOf(parentOf(deep));
      const { successful, failed } = await forAlice.listDirectory([aliceHome, run, bobHome, missing, aliceFile]);
      const home = successful.get(aliceHome);
      assert.ok(home !== undefined);
      assert.deepEqual([...home.files.keys()], [aliceFile]);
      assert.equal(home.files.get(aliceFile)?.owner, 'alice');
      assert.deepEqual(home.directories, [run]);
      assert.deepEqual(successful.get(run), { files: new Map(), directories: [parentOf(deep)] });
      assert.equal(failed.get(bobHome)?.code, 'permission-denied');
      assert.equal(failed.get(missing)?.code, 'no-such-file');
      assert.equal(failed.get(aliceFile)?.code, 'no-such-file');
    },
  },
  {
    name: 'lists the root',
    check: async (subject) => {
      await sampleCatalog(subject);
      const root = parseLfnDirectory('/');
      const listing = (await subject.catalogs.catalogFor(administrator).listDirectory([root])).successful.get(root);
      assert.deepEqual(listing, { files: new Map(), directories: ['/vo'] });
    },
  },
  {
    name: 'tells access as the operations themselves then judge',
    check: async (subject) => {
      const { forAlice, forBob } = await sampleCatalog(subject);
      assert.deepEqual(
        [...(await forAlice.hasAccess('getFileMetadata', [bobFile, aliceFile])).successful],
        [
          [bobFile, false],
          [aliceFile, true],
        ],
      );
      assert.deepEqual([...(await forBob.hasAccess('addFile', [bobFile, aliceFile])).successful.values()], [true, false]);
      await assert.rejects(forAlice.hasAccess('nonsense', [aliceFile]));
    },
  },
  {
    name: 'answers an empty call with nothing',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      for (const result of [await forAlice.getReplicas([]), await forAlice.exists([]), await forAlice.listDirectory([])]) {
        assert.equal(result.successful.size + result.failed.size, 0);
      }
    },
  },
];
