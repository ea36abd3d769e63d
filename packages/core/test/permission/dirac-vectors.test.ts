import { describe, expect, it } from '@jest/globals';
import { parseLfnDirectory } from '../../src/domain/index.js';
import { decide } from '../../src/permission/index.js';
import { letters, vectorCaller, vectorFacts, vectorPaths, vectorRules, vectors, type VectorCase } from './vectors.js';

const titled = (one: VectorCase): [string, VectorCase] => [
  `${one.manager}${one.globalReadAccess ? ' with GlobalReadAccess' : ''}: ${one.user}/${one.group} ${one.op}`,
  one,
];

describe("answers of DIRAC's own security managers", () => {
  it('has cases of all five managers, decisions and errors', () => {
    expect(new Set(vectors.cases.map(({ manager }) => manager)).size).toBe(5);
    expect(vectors.cases.some(({ error }) => error !== undefined)).toBe(true);
    expect(vectors.cases.every(({ decisions, error }) => (decisions?.length === vectorPaths.length) !== (error !== undefined))).toBe(true);
  });

  it.each(vectors.cases.filter(({ decisions }) => decisions !== undefined).map(titled))('%s', (_title, one) => {
    const rules = vectorRules(one.manager, { globalReadAccess: one.globalReadAccess });
    expect(letters(rules, vectorCaller(one.user, one.group, one.op)).join('')).toBe(one.decisions);
  });

  it.each(vectors.cases.filter(({ error }) => error !== undefined).map(titled))('%s is an error as a whole', (_title, one) => {
    const rules = vectorRules(one.manager, { globalReadAccess: one.globalReadAccess });
    const answers = new Set(letters(rules, vectorCaller(one.user, one.group, one.op)));
    const message = one.error?.startsWith('S_ERROR:')
      ? one.error.slice('S_ERROR:'.length)
      : `the permission "${one.op}" must be spelled Read, Write or Execute`;
    expect([...answers]).toEqual([message]);
  });
});

describe("expectations of DIRAC's unit test of the VOMS manager", () => {
  /** It mocks files with the directory rule; the real file managers answer no (mode 0705, and the group matches). */
  const mistaken = 'usr1 grp_data getReplicas /realData/run2/run2_data.txt';
  const rules = vectorRules('VOMSSecurityManager');
  const wrong = vectors.diracUnitTestVOMS.rows.filter(([user, group, op, path, expected]) => {
    // There the administrator is known by the group; the product knows him by the property.
    const properties = group === 'grp_admin' ? ['FileCatalogManagement'] : [];
    const decision = decide(rules, vectorFacts, { username: user, group, properties, method: op }, parseLfnDirectory(path));
    return 'error' in decision || decision.allowed !== expected;
  });

  it('hold in every row but the one that is mistaken', () => {
    expect(vectors.diracUnitTestVOMS.rows).toHaveLength(768);
    expect(wrong.map(([user, group, op, path]) => `${user} ${group} ${op} ${path}`)).toEqual([mistaken]);
  });
});
