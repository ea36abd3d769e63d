import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { elements } from '../../../../scripts/dirac/configuration.mjs';
import { given } from '../../../../scripts/dirac/facts.mjs';
import { closeInstallations, install, type Installation } from './facts.js';

const element = elements.plain;
const home = '/demo/user/a/alice';
/** Names as people give them; DIRAC's catalog takes no quotes. */
const names = ['a.bin', 'sub/b.bin', 'sub/deeper/with a blank.bin', 'sub/deeper/ünïcode.bin', 'sub2/-x +=@~.bin'];

interface Plan {
  readonly files: readonly string[];
  readonly directories: readonly string[];
  readonly deletions: readonly string[];
}
const nothing: Plan = { files: [], directories: [], deletions: [] };

describe("DIRAC's dirac-dms-directory-sync and our sync on one File Catalog and one storage", () => {
  let installation: Installation;
  let folder: string;

  beforeAll(async () => {
    installation = await install('9.0.27', { database: given().database });
    folder = join(installation.directory, 'trees');
  }, 180_000);
  afterAll(closeInstallations, 60_000);

  /** A tree of files that differ from all others: DIRAC gives the same content the same GUID. */
  const grow = async (name: string): Promise<string> => {
    for (const [at, path] of names.entries()) {
      await mkdir(dirname(join(folder, name, path)), { recursive: true });
      await writeFile(join(folder, name, path), randomBytes(1000 + 777 * at));
    }
    return join(folder, name);
  };
  const emptyFolder = async (name: string): Promise<string> => {
    await mkdir(join(folder, name), { recursive: true });
    return join(folder, name);
  };
  const bytesOf = async (tree: string) => Promise.all(names.map((name) => readFile(join(tree, name))));

  const dirac = (...words: string[]) => installation.run('alice', ['dirac-dms-directory-sync', ...words]);
  const sync = async (...words: string[]) => {
    const { code, stdout, stderr } = await installation.cli('alice', ['sync', ...words, '--json']);
    return { code, stderr, ...(JSON.parse(stdout || '{}') as Partial<SyncAnswer>) };
  };
  /** What ours would do between a folder and a directory of the catalog. */
  const ours = async (words: readonly string[], root: string): Promise<Plan> => {
    const { code, stderr, successful = [] } = await sync(...words, '--delete', '--dry-run');
    expect([code, stderr]).toEqual([0, '']);
    const of = (...actions: string[]) =>
      successful
        .filter(({ action }) => actions.includes(action))
        .map(({ lfn }) => lfn.slice(root.length + 1))
        .sort();
    return { files: of('upload', 'download'), directories: of('make-directory'), deletions: of('delete') };
  };
  /** The same by the function of the unmodified DIRAC that plans it. */
  const theirs = async (...words: string[]): Promise<Plan> => {
    const { code, stdout, stderr } = await installation.run('alice', ['sync_plan.py', ...words]);
    if (code !== 0) throw new Error(`sync_plan.py ended with ${code}: ${stdout}${stderr}`);
    const { Create, Delete } = JSON.parse(stdout.trim().split('\n').at(-1)!) as DiracPlan;
    // A file of another size it deletes before it sends it anew; ours replaces it.
    const deletions = Delete.Files.filter((name) => !Create.Files.includes(name));
    return { files: Create.Files.sort(), directories: Create.Directories.sort(), deletions: deletions.sort() };
  };
  const expectBothPlan = async (local: string, catalog: string, { up, down }: { up: Plan; down: Plan }): Promise<void> => {
    expect(await ours([local, `lfn:${catalog}`, element], catalog)).toEqual(up);
    expect(await theirs(local, catalog, element)).toEqual(up);
    expect(await ours([`lfn:${catalog}`, local], catalog)).toEqual(down);
    expect(await theirs(catalog, local)).toEqual(down);
  };

  it('leaves DIRAC nothing to do in a tree that we uploaded, and DIRAC downloads it as it was', async () => {
    const [local, catalog] = [await grow('ours'), `${home}/ours`];
    expect(await sync(local, `lfn:${catalog}`, element)).toMatchObject({ code: 0, failed: [], unchanged: 0 });
    await expectBothPlan(local, catalog, { up: nothing, down: nothing });
    const again = await dirac(local, catalog, element);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining(`Successfully mirrored ${local} into ${catalog}`)]);
    expect(again.stdout).not.toMatch(/Uploading|Creating|Deleting/);

    const copy = await emptyFolder('ours-by-dirac');
    expect((await dirac(catalog, copy)).code).toBe(0);
    expect(await bytesOf(copy)).toEqual(await bytesOf(local));
    await expectBothPlan(copy, catalog, { up: nothing, down: nothing });
    expect(await sync(`lfn:${catalog}`, copy, '--checksum')).toMatchObject({
      code: 0,
      unchanged: names.length,
      successful: [],
      failed: [],
    });
  }, 300_000);

  it('finds nothing to do in a tree that DIRAC uploaded, and downloads it as it was', async () => {
    const [local, catalog] = [await grow('theirs'), `${home}/theirs`];
    expect((await installation.cli('alice', ['mkdir', catalog])).code).toBe(0);
    const uploaded = await dirac(local, catalog, element);
    expect([uploaded.code, uploaded.stdout.match(/Uploading .* -> \[DONE\]/g)?.length]).toEqual([0, names.length]);
    await expectBothPlan(local, catalog, { up: nothing, down: nothing });
    expect(await sync(local, `lfn:${catalog}`, element, '--checksum')).toMatchObject({
      ...{ code: 0, unchanged: names.length, successful: [], failed: [] },
    });

    const copy = join(folder, 'theirs-by-us');
    expect(await sync(`lfn:${catalog}`, copy)).toMatchObject({ code: 0, failed: [] });
    expect(await bytesOf(copy)).toEqual(await bytesOf(local));
    const again = await dirac(catalog, copy);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Successfully mirrored')]);
    expect(again.stdout).not.toMatch(/Downloading|Creating|Deleting/);
  }, 300_000);

  it('plans alike where files are new, gone, of another size and in new directories', async () => {
    const [local, catalog] = [join(folder, 'ours'), `${home}/ours`];
    await writeFile(join(local, 'new.bin'), randomBytes(500));
    await mkdir(join(local, 'fresh', 'below'), { recursive: true });
    await writeFile(join(local, 'fresh', 'below', 'n.bin'), randomBytes(500));
    await truncate(join(local, 'a.bin'), 10);
    await rm(join(local, 'sub2'), { recursive: true });
    await expectBothPlan(local, catalog, {
      up: {
        files: ['a.bin', 'fresh/below/n.bin', 'new.bin'],
        directories: ['fresh', 'fresh/below'],
        deletions: ['sub2/-x +=@~.bin'],
      },
      down: { files: ['a.bin', 'sub2/-x +=@~.bin'], directories: ['sub2'], deletions: ['fresh/below/n.bin', 'new.bin'] },
    });
  }, 120_000);

  it('makes them equal again in both directions, and then both find nothing to do', async () => {
    const [local, catalog] = [join(folder, 'ours'), `${home}/ours`];
    expect(await sync(local, `lfn:${catalog}`, element, '--delete')).toMatchObject({ code: 0, failed: [] });
    expect((await theirs(local, catalog, element)).files).toEqual([]);
    const copy = join(folder, 'ours-by-dirac');
    expect((await dirac('--sync', catalog, copy)).code).toBe(0);
    expect(await readdir(copy)).toEqual(expect.arrayContaining(['fresh', 'new.bin']));
    expect(await sync(`lfn:${catalog}`, copy, '--checksum')).toMatchObject({ code: 0, successful: [], failed: [] });
  }, 120_000);
});

interface SyncAnswer {
  readonly unchanged: number;
  readonly successful: readonly { readonly action: string; readonly lfn: string }[];
  readonly failed: readonly { readonly message: string }[];
}

interface DiracPlan {
  readonly Create: { readonly Files: string[]; readonly Directories: string[] };
  readonly Delete: { readonly Files: string[] };
}
