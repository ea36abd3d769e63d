import { describe, expect, test } from '@jest/globals';
import { badEncodings } from './chains/bad-encoding.js';
import { badNames } from './chains/bad-names.js';
import { badPaths } from './chains/bad-paths.js';
import { badProxies } from './chains/bad-proxies.js';
import { badUsers } from './chains/bad-users.js';
import { judgeCase, type BadChain } from './chains/chain-case.js';

const corpus: readonly (readonly [string, readonly BadChain[]])[] = [
  ['how it is written', badEncodings],
  ['its names', badNames],
  ['a proxy', badProxies],
  ['the user', badUsers],
  ['its order, its authorities and their lists', badPaths],
];

describe.each(corpus)('a chain wrong in one way is refused for that reason (%s):', (_, chains) => {
  test.each(chains.map((chain) => [chain.name, chain] as const))('%s', (__, chain) => {
    const verdict = judgeCase(chain);
    expect(verdict).toEqual({ trusted: false, reason: expect.stringMatching(chain.reason) });
  });
});

test('the corpus has no bad chain twice, and its size is known', () => {
  const names = corpus.flatMap(([, chains]) => chains.map(({ name }) => name));
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  expect(names.length).toBe(287);
});
