import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BulkResultBuilder, bulkMap, singleResult } from '../../src/domain/index.js';
import { DiracS3Error, failure } from '../../src/errors/index.js';

const fault = failure('no-such-file', 'none');

describe('BulkResultBuilder', () => {
  test('answers every name once, in the order of the question, however the outcomes come in', () => {
    const question = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(question, fc.infiniteStream(fc.constantFrom('succeed', 'fail', 'forget')), fc.nat(), (names, fates, turn) => {
        const outcome = new Map(names.map((name) => [name, fates.next().value as string]));
        const builder = new BulkResultBuilder<string>([...names, ...names]);
        const shuffled = names.map((_, index) => names[(index + turn) % names.length]!);
        for (const name of shuffled) {
          if (outcome.get(name) === 'succeed') builder.succeed(name, `value of ${name}`);
          if (outcome.get(name) === 'fail') builder.fail(name, fault);
        }
        expect(builder.pending()).toEqual(names.filter((name) => outcome.get(name) === 'forget'));
        const { successful, failed } = builder.build();
        expect([...successful.keys()]).toEqual(names.filter((name) => outcome.get(name) === 'succeed'));
        expect([...failed.keys()]).toEqual(names.filter((name) => outcome.get(name) !== 'succeed'));
        for (const [name, reason] of failed) expect(reason.code).toBe(outcome.get(name) === 'fail' ? 'no-such-file' : 'internal');
      }),
    );
  });

  test('takes the last outcome of a name, and never both', () => {
    const builder = new BulkResultBuilder<number>(['a']);
    builder.succeed('a', 1);
    builder.fail('a', fault);
    expect(builder.build()).toEqual({ successful: new Map(), failed: new Map([['a', fault]]) });
  });

  test('keeps names that look like properties of objects', () => {
    const builder = new BulkResultBuilder<number>(['__proto__', 'constructor', 'toString']);
    builder.succeed('__proto__', 1);
    expect([...builder.build().successful.keys()]).toEqual(['__proto__']);
    expect([...builder.build().failed.keys()]).toEqual(['constructor', 'toString']);
  });

  test('counts an undefined or false value as an answer', () => {
    const builder = new BulkResultBuilder<boolean | undefined>(['a', 'b']);
    builder.succeed('a', undefined);
    builder.succeed('b', false);
    expect([...builder.build().successful]).toEqual([
      ['a', undefined],
      ['b', false],
    ]);
  });

  test('refuses an answer nobody asked for', () => {
    const builder = new BulkResultBuilder<number>(['a']);
    expect(() => builder.succeed('b', 1)).toThrow('a name that was not asked got an answer');
    expect(() => builder.fail('b', fault)).toThrow('a name that was not asked got an answer');
  });

  test('gives the silent ones the failure of the caller', () => {
    const unanswered = failure('catalog-unavailable', 'no answer');
    expect(new BulkResultBuilder(['a']).build(unanswered).failed.get('a')).toBe(unanswered);
  });
});

describe('bulkMap', () => {
  test('a step that throws fails its own name only', async () => {
    const { successful, failed } = await bulkMap(['a', 'b', 'c', 'a'], (name) => {
      if (name === 'b') throw new DiracS3Error('file-exists', 'taken');
      return name.toUpperCase();
    });
    expect([...successful]).toEqual([
      ['a', 'A'],
      ['c', 'C'],
    ]);
    expect([...failed]).toEqual([['b', { code: 'file-exists', message: 'taken' }]]);
  });

  test('what is not our error takes the fallback code', async () => {
    const step = (): never => {
      throw new TypeError('broken');
    };
    expect((await bulkMap(['a'], step)).failed.get('a')?.code).toBe('internal');
    expect((await bulkMap(['a'], step, { fallback: 'storage-unavailable' })).failed.get('a')?.code).toBe('storage-unavailable');
  });

  test.each([
    [1, 1],
    [3, 3],
    [0, 1],
    [100, 10],
  ])('asked for %i at a time runs %i at a time, and keeps the order of the question', async (parallel, expected) => {
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    let running = 0;
    let most = 0;
    const { successful } = await bulkMap(
      names,
      async (name) => {
        running += 1;
        most = Math.max(most, running);
        // Later names finish first.
        for (let turns = 10 - Number(name.slice(1)); turns >= 0; turns -= 1) await Promise.resolve();
        running -= 1;
        return name;
      },
      { parallel },
    );
    expect(most).toBe(expected);
    expect([...successful.keys()]).toEqual(names);
  });

  test('a question about nothing has an empty answer', async () => {
    expect(await bulkMap([], () => 1)).toEqual({ successful: new Map(), failed: new Map() });
  });
});

describe('singleResult', () => {
  test('is the one value', () => {
    expect(singleResult<string | undefined>({ successful: new Map([['a', undefined]]), failed: new Map() })).toBeUndefined();
    expect(singleResult({ successful: new Map([['a', 7]]), failed: new Map() })).toBe(7);
  });

  test('throws the one failure, also when something succeeded', () => {
    expect(() => singleResult({ successful: new Map([['a', 7]]), failed: new Map([['b', fault]]) })).toThrow(
      expect.objectContaining({ code: 'no-such-file', message: 'none' }),
    );
  });

  test('throws when there is no answer', () => {
    expect(() => singleResult<string>({ successful: new Map(), failed: new Map() })).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
