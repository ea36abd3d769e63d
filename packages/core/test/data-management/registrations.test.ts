import { describe, expect, test } from '@jest/globals';
import { registrationsOf } from '../../src/data-management/registrations.js';

const mebibyte = 1024 * 1024;
const countsOf = (sizes: readonly number[]): number[] =>
  [...registrationsOf(sizes.map((sizeBytes) => ({ sizeBytes })))].map((some) => some.length);
const files = (count: number, sizeBytes: number): number[] => Array.from({ length: count }, () => sizeBytes);

describe('uploads are registered', () => {
  test.each([
    ['none', [], []],
    ['large ones 64 at a time', files(130, 1024 * mebibyte), [64, 64, 2]],
    ['small ones 512 at a time', files(1100, 1), [512, 512, 76]],
    ['up to 256 MiB together, where they are many', files(200, 2 * mebibyte), [128, 72]],
    ['with a large one among small ones in the first 64, no more than these', [1024 * mebibyte, ...files(100, 1)], [64, 37]],
    ['with a large one after 64 small ones, these before it', [...files(64, 1), 1024 * mebibyte, 1], [64, 2]],
  ])('%s', (_, sizes, counts) => {
    expect(countsOf(sizes)).toEqual(counts);
  });

  test('in their order, each once', () => {
    const uploads = Array.from({ length: 300 }, (_, n) => ({ n, sizeBytes: n * 100_000 }));
    expect([...registrationsOf(uploads)].flat()).toEqual(uploads);
  });
});
