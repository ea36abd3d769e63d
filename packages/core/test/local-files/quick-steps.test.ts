import { describe, expect, test } from '@jest/globals';
import { QuickSteps } from '../../src/local-files/quick-steps.js';

/** A clock that a step moves on by as many milliseconds as it is said to take. */
function stepsOf() {
  let time = 0;
  const steps = new QuickSteps();
  const take = (milliseconds: number): string | Promise<string> =>
    steps.do(
      () => {
        time += milliseconds;
        return 'waited';
      },
      () => Promise.resolve('by a thread'),
    );
  return { steps, take, now: () => time };
}

describe('steps of the file system', () => {
  test('are left to threads where nobody allowed to wait for them', async () => {
    const { take } = stepsOf();
    await expect(take(0)).resolves.toBe('by a thread');
  });

  test('are waited for where that was allowed and they are quick, however many they are, but not the first', async () => {
    const { steps, take, now } = stepsOf();
    steps.allow(now);
    await expect(Promise.all([take(0), take(0)])).resolves.toEqual(['by a thread', 'by a thread']);
    expect(Array.from({ length: 10_000 }, () => take(0.3))).toEqual(Array.from({ length: 10_000 }, () => 'waited'));
  });

  test('are left to threads from then on once several were slow', async () => {
    const { steps, take, now } = stepsOf();
    steps.allow(now);
    await take(0);
    const taken: string[] = [];
    for (let n = 0; n < 100; n += 1) taken.push(await take(6));
    expect(taken.indexOf('by a thread')).toBe(11);
    expect(taken.lastIndexOf('waited')).toBe(10);
    await expect(take(0)).resolves.toBe('by a thread');
  });

  test('are still waited for when one was held up now and then', async () => {
    const { steps, take, now } = stepsOf();
    steps.allow(now);
    await take(0);
    const taken = Array.from({ length: 2000 }, (_, n) => take(n % 100 === 0 ? 30 : 0.3));
    expect(new Set(taken)).toEqual(new Set(['waited']));
  });

  test('count the time also of what fails', async () => {
    let time = 0;
    const steps = new QuickSteps();
    steps.allow(() => time);
    const fail = () =>
      steps.do(
        () => {
          time += 100;
          throw new Error('no such file');
        },
        () => Promise.resolve('by a thread'),
      );
    await fail();
    expect(fail).toThrow('no such file');
    await expect(fail()).resolves.toBe('by a thread');
  });
});
