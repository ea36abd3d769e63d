import assert from 'node:assert/strict';
import { parseLfn, type Lfn } from '../domain/index.js';
import type { PathChange } from '../ports/index.js';
import type { ContractCheck } from './contract.js';
import { sampleCatalog, type FileCatalogSubject } from './file-catalog-subject.js';
import { administrator, aliceFile, aliceHome, bobFile, newFile, outcomes, storageElement } from './sample-catalog.js';

const missing = parseLfn(`${aliceHome}/missing`);
const at = (name: string, lfn = aliceFile) => ({ lfn, storageElement: name, pfn: `s3://${name}.example/bucket${lfn}` });

export const changingChecks: readonly ContractCheck<FileCatalogSubject>[] = [
  {
    name: 'adds replicas, takes one that is there for added, and knows none of a missing file',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      assert.deepEqual(outcomes(await forAlice.addReplicas([at('SECOND-SE'), at('THIRD-SE')])), { [aliceFile]: 'ok' });
      assert.deepEqual(outcomes(await forAlice.addReplicas([at('SECOND-SE')])), { [aliceFile]: 'ok' });
      assert.deepEqual(outcomes(await forAlice.addReplicas([at('SECOND-SE', missing)])), { [missing]: 'no-such-file' });
      const replicas = (await forAlice.getReplicas([aliceFile])).successful.get(aliceFile);
      assert.deepEqual([...(replicas?.keys() ?? [])].sort(), [storageElement, 'SECOND-SE', 'THIRD-SE'].sort());
      assert.equal(replicas?.get('SECOND-SE'), at('SECOND-SE').pfn);
    },
  },
  {
    name: 'removes replicas down to the last and keeps the file; a missing replica is removed already',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      assert.deepEqual(outcomes(await forAlice.removeReplicas([at('NOWHERE-SE')])), { [aliceFile]: 'ok' });
      assert.equal((await forAlice.getReplicas([aliceFile])).successful.get(aliceFile)?.size, 1);
      assert.deepEqual(outcomes(await forAlice.removeReplicas([at(storageElement)])), { [aliceFile]: 'ok' });
      assert.equal((await forAlice.getReplicas([aliceFile])).successful.get(aliceFile)?.size, 0);
      assert.deepEqual(outcomes(await forAlice.getFileMetadata([aliceFile])), { [aliceFile]: 'ok' });
    },
  },
  {
    name: 'removes files with their replicas and frees their names; a missing one is no such file',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const removed = await forAlice.removeFiles([aliceFile, missing]);
      assert.deepEqual(outcomes(removed), { [aliceFile]: 'ok', [missing]: 'no-such-file' });
      assert.deepEqual(outcomes(await forAlice.getReplicas([aliceFile])), { [aliceFile]: 'no-such-file' });
      const other = newFile(aliceFile, { sizeBytes: 99, storageElement: 'OTHER-SE' });
      assert.deepEqual(outcomes(await forAlice.addFiles([other])), { [aliceFile]: 'ok' });
      assert.deepEqual([...((await forAlice.getReplicas([aliceFile])).successful.get(aliceFile)?.keys() ?? [])], ['OTHER-SE']);
    },
  },
  {
    name: 'refuses every change by a user without the right, and changes nothing',
    check: async (subject) => {
      const { forAlice, forBob } = await sampleCatalog(subject);
      const denied = { [aliceFile]: 'permission-denied' };
      assert.deepEqual(outcomes(await forBob.addFiles([newFile(aliceFile)])), denied);
      assert.deepEqual(outcomes(await forBob.addReplicas([at('SECOND-SE')])), denied);
      assert.deepEqual(outcomes(await forBob.removeReplicas([at(storageElement)])), denied);
      assert.deepEqual(outcomes(await forBob.removeFiles([aliceFile])), denied);
      const directory = parseLfn(`${aliceHome}/planted`);
      assert.deepEqual(outcomes(await forBob.createDirectories([directory])), { [directory]: 'permission-denied' });
      assert.deepEqual([...((await forAlice.getReplicas([aliceFile])).successful.get(aliceFile)?.keys() ?? [])], [storageElement]);
      assert.deepEqual([...(await forAlice.exists([directory])).successful.values()], [false]);
    },
  },
  {
    name: 'makes directories with those above them, owned by the caller, and accepts existing ones',
    check: async (subject) => {
      const { forAlice, forBob } = await sampleCatalog(subject);
      const [upper, lower] = [parseLfn(`${aliceHome}/new`), parseLfn(`${aliceHome}/new/deep`)];
      for (const time of ['first', 'again']) {
        assert.deepEqual(outcomes(await forAlice.createDirectories([lower, upper])), { [lower]: 'ok', [upper]: 'ok' }, time);
      }
      assert.deepEqual((await forAlice.listDirectory([upper])).successful.get(upper), { files: new Map(), directories: [lower] });
      const planted = parseLfn(`${lower}/planted`);
      assert.deepEqual(outcomes(await forBob.addFiles([newFile(planted)])), { [planted]: 'permission-denied' });
    },
  },
  {
    name: 'removes empty directories; one that holds anything stays, and nobody removes without the right',
    check: async (subject) => {
      const { forAlice, forBob } = await sampleCatalog(subject);
      const [upper, lower] = [parseLfn(`${aliceHome}/new`), parseLfn(`${aliceHome}/new/deep`)];
      await forAlice.createDirectories([lower]);
      assert.deepEqual(outcomes(await forBob.removeDirectories([lower])), { [lower]: 'permission-denied' });
      assert.deepEqual(outcomes(await forAlice.removeDirectories([upper, missing, aliceFile])), {
        [upper]: 'conflict',
        [missing]: 'no-such-file',
        [aliceFile]: 'no-such-file',
      });
      assert.deepEqual(outcomes(await forAlice.removeDirectories([lower])), { [lower]: 'ok' });
      assert.deepEqual(outcomes(await forAlice.removeDirectories([upper])), { [upper]: 'ok' });
      assert.deepEqual([...(await forAlice.exists([upper, lower])).successful.values()], [false, false]);
      assert.deepEqual(outcomes(await forAlice.getFileMetadata([aliceFile])), { [aliceFile]: 'ok' });
    },
  },
  {
    name: 'changes the mode of files and directories, of those the user may change alone',
    check: async (subject) => {
      const { forAlice, forBob } = await sampleCatalog(subject);
      const asked = [missing, aliceFile, bobFile, aliceHome];
      assert.deepEqual(outcomes(await forAlice.changePaths(asked, { mode: 0o710 })), {
        [aliceFile]: 'ok',
        [aliceHome]: 'ok',
        [missing]: 'no-such-file',
        [bobFile]: 'permission-denied',
      });
      const denied = { [aliceFile]: 'permission-denied', [aliceHome]: 'permission-denied' };
      assert.deepEqual(outcomes(await forBob.changePaths([aliceFile, aliceHome], { mode: 0o777 }, { recursive: true })), denied);
      assert.equal((await forAlice.getFileMetadata([aliceFile])).successful.get(aliceFile)?.mode, 0o710);
      assert.equal((await forAlice.getDirectoryMetadata([aliceHome])).successful.get(aliceHome)?.mode, 0o710);
      assert.equal((await forBob.getFileMetadata([bobFile])).successful.get(bobFile)?.mode, 0o775);
    },
  },
  {
    name: 'changes what stands below a directory when it is told to, and not otherwise',
    check: async (subject) => {
      const { forAlice } = await sampleCatalog(subject);
      const [upper, lower, file] = ['run', 'run/deep', 'run/deep/file'].map((name) => parseLfn(`${aliceHome}/${name}`)) as [Lfn, Lfn, Lfn];
      const modes = async () => {
        const { successful: directories } = await forAlice.getDirectoryMetadata([upper, lower]);
        const { successful: files } = await forAlice.getFileMetadata([file, aliceFile]);
        return [...directories.values(), ...files.values()].map(({ mode }) => mode);
      };
      await forAlice.addFiles([newFile(file)]);
      assert.deepEqual(outcomes(await forAlice.changePaths([upper], { mode: 0o750 })), { [upper]: 'ok' });
      assert.deepEqual(await modes(), [0o750, 0o775, 0o775, 0o775]);
      assert.deepEqual(outcomes(await forAlice.changePaths([upper], { mode: 0o700 }, { recursive: true })), { [upper]: 'ok' });
      assert.deepEqual(await modes(), [0o700, 0o700, 0o700, 0o775]);
    },
  },
  {
    name: 'changes owner and group for an administrator, and for nobody without the right',
    check: async (subject) => {
      const { forAlice, forBob } = await sampleCatalog(subject);
      const forAdministrator = subject.catalogs.catalogFor(administrator);
      const changes = [{ owner: 'bob' }, { ownerGroup: 'guests' }];
      for (const change of changes)
        assert.deepEqual(outcomes(await forBob.changePaths([aliceFile], change)), { [aliceFile]: 'permission-denied' });
      for (const change of changes) {
        assert.deepEqual(outcomes(await forAdministrator.changePaths([aliceFile, aliceHome, missing], change)), {
          [aliceFile]: 'ok',
          [aliceHome]: 'ok',
          [missing]: 'no-such-file',
        });
      }
      const facts = [
        (await forBob.getFileMetadata([aliceFile])).successful.get(aliceFile),
        (await forBob.getDirectoryMetadata([aliceHome])).successful.get(aliceHome),
      ];
      assert.deepEqual(
        facts.map((one) => [one?.owner, one?.ownerGroup]),
        [
          ['bob', 'guests'],
          ['bob', 'guests'],
        ],
      );
      assert.deepEqual(outcomes(await forAlice.addFiles([newFile(missing)])), { [missing]: 'permission-denied' });
    },
  },
  {
    name: 'refuses modes that are none, and names that nobody can have',
    check: async (subject) => {
      await sampleCatalog(subject);
      const catalog = subject.catalogs.catalogFor(administrator);
      const changes: PathChange[] = [
        ...[-1, 0o1000, 1.5].map((mode) => ({ mode })),
        ...['', ' bob', 'anonymous', 'Nobody', 'a\nb', 'x'.repeat(128)].map((owner) => ({ owner })),
        ...['', 'hosts', 'visitor'].map((ownerGroup) => ({ ownerGroup })),
      ];
      for (const change of changes)
        assert.deepEqual(
          outcomes(await catalog.changePaths([aliceFile], change)),
          { [aliceFile]: 'invalid-argument' },
          JSON.stringify(change),
        );
      const { owner, ownerGroup, mode } = (await catalog.getFileMetadata([aliceFile])).successful.get(aliceFile)!;
      assert.deepEqual([owner, ownerGroup, mode], ['alice', 'users', 0o775]);
    },
  },
  {
    name: 'lets a catalog administrator change what belongs to others',
    check: async (subject) => {
      await sampleCatalog(subject);
      const catalog = subject.catalogs.catalogFor(administrator);
      assert.deepEqual(outcomes(await catalog.removeFiles([aliceFile, bobFile])), { [aliceFile]: 'ok', [bobFile]: 'ok' });
    },
  },
];
