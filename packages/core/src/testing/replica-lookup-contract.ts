import assert from 'node:assert/strict';
import { parseLfn } from '../domain/index.js';
import type { ReplicaLookup } from '../ports/index.js';
import type { ContractCheck } from './contract.js';
import {
  alice,
  aliceFile,
  aliceHome,
  bobFile,
  fillSampleCatalog,
  newFile,
  storageElement,
  trickyNames,
  type CatalogSeed,
} from './sample-catalog.js';

export interface ReplicaLookupSubject extends CatalogSeed {
  readonly lookup: ReplicaLookup;
  /** Puts a file into a state that ordinary questions do not see. */
  hideFile(lfn: string): Promise<void>;
}

const missing = parseLfn(`${aliceHome}/missing`);

/** What {@link ReplicaLookup} promises. */
export const replicaLookupContract: readonly ContractCheck<ReplicaLookupSubject>[] = [
  {
    name: 'tells which names are registered and where, for every asked name',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const answers = await subject.lookup.lookUpReplicas([aliceFile, missing, bobFile, aliceFile]);
      assert.deepEqual(Object.fromEntries(answers), {
        [aliceFile]: { registered: true, what: 'file', storageElements: [storageElement] },
        [missing]: { registered: false },
        [bobFile]: { registered: true, what: 'file', storageElements: [storageElement] },
      });
    },
  },
  {
    name: 'counts a directory as registered, with no replica',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      assert.deepEqual((await subject.lookup.lookUpReplicas([aliceHome])).get(aliceHome), {
        registered: true,
        what: 'directory',
        storageElements: [],
      });
    },
  },
  {
    name: 'counts a hidden file as registered where its replicas are',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      await subject.hideFile(aliceFile);
      const registration = (await subject.lookup.lookUpReplicas([aliceFile])).get(aliceFile);
      assert.deepEqual(registration, { registered: true, what: 'hidden', storageElements: [storageElement] });
    },
  },
  {
    name: 'compares names byte by byte, quotes and wildcards included',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const lfns = trickyNames.map((name) => parseLfn(`${aliceHome}/${name}`));
      await subject.addFile(newFile(lfns[0]!), alice);
      const answers = await subject.lookup.lookUpReplicas(lfns);
      lfns.forEach((lfn, at) => assert.equal(answers.get(lfn)?.registered, at === 0, lfn));
    },
  },
  {
    name: 'answers for 2 000 names in one question, and for none',
    check: async (subject) => {
      await fillSampleCatalog(subject);
      const lfns = [aliceFile, ...Array.from({ length: 1999 }, (_, at) => parseLfn(`${aliceHome}/f${at}`))];
      const answers = await subject.lookup.lookUpReplicas(lfns);
      assert.equal(answers.size, lfns.length);
      assert.equal([...answers.values()].filter(({ registered }) => registered).length, 1);
      assert.equal((await subject.lookup.lookUpReplicas([])).size, 0);
    },
  },
];
