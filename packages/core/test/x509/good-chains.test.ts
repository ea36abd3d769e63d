import { describe, expect, test } from '@jest/globals';
import { judgeCase } from './chains/chain-case.js';
import { goodChains } from './chains/good.js';
import { aliceDn } from './maker/world.js';

describe('a good chain is trusted:', () => {
  test.each(goodChains.map((chain) => [chain.name, chain] as const))('%s', (_, chain) => {
    const verdict = judgeCase(chain);
    expect(verdict).toMatchObject({ trusted: true, proof: chain.proof ?? { dn: aliceDn } });
  });

  test('the corpus has no case twice, and its size is known', () => {
    expect(new Set(goodChains.map(({ name }) => name)).size).toBe(goodChains.length);
    expect(goodChains.length).toBe(63);
  });
});
