import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lfnFault, parseLfn } from '../../src/domain/index.js';
import { resolveDestinations } from '../../src/storage/index.js';

describe('the place of a download', () => {
  let folder: string;
  beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), 'destination-')))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const resolve = (...lfns: string[]) => resolveDestinations(folder, lfns.map(parseLfn));

  test('is the base name of the LFN in the directory', async () => {
    expect([...(await resolve('/vo/a/one', '/vo/b/two', '/vo/a/one'))]).toEqual([
      ['/vo/a/one', join(folder, 'one')],
      ['/vo/b/two', join(folder, 'two')],
    ]);
  });

  test('is refused when two LFNs would meet there, also where case does not count', async () => {
    for (const [one, other] of [
      ['/vo/a/data', '/vo/b/data'],
      ['/vo/a/data', '/vo/a/DATA'],
    ] as const) {
      await expect(resolve(one, other)).rejects.toMatchObject({
        code: 'local-file',
        message: expect.stringMatching(new RegExp(`${one} and ${other}`)),
      });
    }
  });

  test('is refused where there is no directory', async () => {
    writeFileSync(join(folder, 'file'), '');
    for (const name of ['file', 'missing']) {
      await expect(resolveDestinations(join(folder, name), [])).rejects.toMatchObject({ code: 'local-file' });
    }
  });

  test('of a linked directory is the directory the link leads to', async () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const found = await resolveDestinations(join(folder, 'link'), [parseLfn('/vo/a')]);
    expect(found.get(parseLfn('/vo/a'))).toBe(join(folder, 'real', 'a'));
  });

  test('is never outside of the directory, whatever the LFN', async () => {
    const segment = fc.oneof(fc.string(), fc.constantFrom('.', '..', '...', '..\u2044etc', '~', '-rf', 'a%2fb', 'con'));
    const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    await fc.assert(
      fc.asyncProperty(
        name.filter((text) => lfnFault(text) === undefined),
        async (lfn) => {
          const [path = ''] = (await resolve(lfn)).values();
          expect(path.startsWith(`${folder}/`)).toBe(true);
          expect(path.slice(folder.length + 1)).not.toMatch(/^\.{0,2}$|\//);
        },
      ),
    );
  });
});
