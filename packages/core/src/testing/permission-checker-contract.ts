import assert from 'node:assert/strict';
import { parseLfn, type CatalogMethod, type Identity, type Lfn } from '../domain/index.js';
import type { PermissionChecker } from '../ports/index.js';
import type { ContractCheck } from './contract.js';
import { identityOf } from './fakes.js';
import {
  administrator,
  alice,
  aliceFile,
  aliceHome,
  bob,
  bobFile,
  bobHome,
  fillSampleCatalog,
  trickyNames,
  type CatalogSeed,
} from './sample-catalog.js';

export interface PermissionCheckerSubject extends CatalogSeed {
  readonly checker: PermissionChecker;
}

const missing = parseLfn(`${aliceHome}/new/deep/file`);

/** What {@link PermissionChecker} promises. */
export const permissionCheckerContract: readonly ContractCheck<PermissionCheckerSubject>[] = [
  {
    name: 'answers for every asked name, once, as it was asked, and for no other',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const lfns = [bobFile, missing, aliceFile, bobFile];
      const answers = await subject.checker.checkPermission({ identity: alice, method: 'addFile', lfns });
      assert.deepEqual([...answers.keys()].sort(), [...new Set(lfns)].sort());
    },
  },
  {
    name: 'answers an empty question with nothing',
    check: async ({ checker }) => {
      assert.equal((await checker.checkPermission({ identity: alice, method: 'exists', lfns: [] })).size, 0);
    },
  },
  {
    name: 'lets the owner of a directory write into it and nobody else, and says why',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const lfn = parseLfn(`${aliceHome}/new`);
      assert.equal(await allows(subject, alice, 'addFile', lfn), true);
      const refusal = (await subject.checker.checkPermission({ identity: bob, method: 'addFile', lfns: [lfn] })).get(lfn);
      assert.ok(refusal?.allowed === false && refusal.reason.length > 0);
    },
  },
  {
    name: 'hides what is in a private directory, and shows what is in an open one',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      assert.equal(await allows(subject, alice, 'getFileMetadata', bobFile), false);
      assert.equal(await allows(subject, bob, 'getFileMetadata', bobFile), true);
      assert.equal(await allows(subject, bob, 'getFileMetadata', aliceFile), true);
    },
  },
  {
    name: 'judges a name that does not exist by the nearest directory that does',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      assert.equal(await allows(subject, alice, 'addFile', missing), true);
      assert.equal(await allows(subject, bob, 'addFile', missing), false);
      assert.equal(await allows(subject, alice, 'addFile', parseLfn('/elsewhere/file')), false);
    },
  },
  {
    name: 'lets a catalog administrator do everything, by the property alone',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      for (const method of ['addFile', 'removeFile', 'getFileMetadata', 'changePathOwner'] as const) {
        assert.equal(await allows(subject, administrator, method, bobFile), true);
      }
      const sameName = identityOf('carol', { group: 'admins', properties: ['ServiceAdministrator'] });
      assert.equal(await allows(subject, sameName, 'getFileMetadata', bobFile), false);
    },
  },
  {
    name: 'takes an unknown user and group for a stranger, again and again',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const stranger = identityOf('mallory', { group: 'nowhere' });
      for (const asked of [1, 2]) {
        assert.equal(await allows(subject, stranger, 'addFile', aliceFile), false, `question ${asked}`);
        assert.equal(await allows(subject, stranger, 'getFileMetadata', aliceFile), true, `question ${asked}`);
      }
    },
  },
  {
    name: 'compares names byte by byte, quotes and wildcards included',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const directory = (name: string) => parseLfn(`/vo/${name}/x`);
      await subject.createDirectory({ path: '/vo/data', owner: 'alice', group: 'users', mode: 0o700 });
      const answers = await subject.checker.checkPermission({ identity: alice, method: 'addFile', lfns: trickyNames.map(directory) });
      for (const name of trickyNames) assert.equal(answers.get(directory(name))?.allowed, name === 'data', JSON.stringify(name));
    },
  },
  {
    name: 'answers one question about 2 000 names as it answers about each',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const lfns = Array.from({ length: 2000 }, (_, at) => parseLfn(`${at % 2 === 0 ? aliceHome : bobHome}/d${at % 50}/f${at}`));
      const answers = await subject.checker.checkPermission({ identity: alice, method: 'addFile', lfns });
      assert.equal(answers.size, lfns.length);
      lfns.forEach((lfn, at) => assert.equal(answers.get(lfn)?.allowed, at % 2 === 0, lfn));
    },
  },
];

async function allows(
  subject: PermissionCheckerSubject,
  identity: Identity,
  method: CatalogMethod,
  lfn: Lfn,
): Promise<boolean | undefined> {
  return (await subject.checker.checkPermission({ identity, method, lfns: [lfn] })).get(lfn)?.allowed;
}
