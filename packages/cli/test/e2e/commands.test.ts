import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adler32 } from '@dirac-s3/core';
import { cliProgram, startWorld } from '../../../../scripts/world/world.mjs';

type World = Awaited<ReturnType<typeof startWorld>>;
type Run = Awaited<ReturnType<World['cli']>>;

const home = '/demo/user/a/alice';
const none = 'No such file or directory';
const sizes = { 'a.bin': 1500, 'b.txt': 20, 'sub/c.bin': 3000, 'sub/deep/d.bin': 4 } as const;
type Name = keyof typeof sizes;
let world: World;
let contents: Record<string, Buffer>;
let bucketUrl: string;

const alice = (...words: string[]): Promise<Run> => world.cli('alice', words);
/** Under DIRAC's name. */
const dirac = (name: string, ...words: string[]): Promise<Run> =>
  world.cli('alice', words, { program: join(world.directory, 'bin', name) });
const json = async <Value>(run: Promise<Run>): Promise<Value> => JSON.parse((await run).stdout) as Value;
const pfnOf = (lfn: string): string => `${bucketUrl}${lfn}`;
const inHome = (name: string): string => join(world.homes.alice.home, name);

beforeAll(async () => {
  world = await startWorld();
  await mkdir(join(world.directory, 'bin'));
  const aliases = await json<{ aliases: { diracName: string }[] }>(alice('aliases', 'list', '--json'));
  for (const { diracName } of aliases.aliases) await symlink(cliProgram, join(world.directory, 'bin', diracName));
  bucketUrl = `s3://${new URL(world.store.origin).host}/${world.store.bucket}`;
  contents = Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, randomBytes(size)]));
  const list: string[] = [];
  for (const name of Object.keys(sizes) as Name[]) {
    const local = name.replaceAll('/', '-');
    await writeFile(inHome(local), contents[name]!);
    list.push(`${home}/${name} ${local} DEMO-S3`);
  }
  await writeFile(inHome('uploads'), list.join('\n'));
  expect(await alice('put', 'uploads')).toMatchObject({ code: 0 });
  expect(await alice('mkdir', `${home}/empty`)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => world.close());

describe('ls', () => {
  it('lists the names in a directory, directories with a slash', async () => {
    expect(await alice('ls', home)).toMatchObject({ code: 0, stdout: 'a.bin\nb.txt\nempty/\nsub/\n', stderr: '' });
    expect((await alice('ls', '-r', home)).stdout).toBe('sub/\nempty/\nb.txt\na.bin\n');
    expect((await alice('ls', `${home}/a.bin`)).stdout).toBe(`${home}/a.bin\n`);
  });

  it('shows all that is known, sorted by size, and where replicas are', async () => {
    const { stdout } = await alice('ls', '-l', '-S', '-H', home);
    expect(stdout).toMatch(
      /^-rwx------ 1 alice demo_user 1\.5KiB \d{4}-\d\d-\d\d \d\d:\d\d:\d\d a\.bin\n-rwx.* 20\.0B .* b\.txt\ndrwx------ 0 alice demo_user +0 \d{4}-/,
    );
    const withReplicas = await alice('ls', '-L', `${home}/sub`);
    expect(withReplicas.stdout).toContain(`   DEMO-S3         ${pfnOf(`${home}/sub/c.bin`)}\n`);
  });

  it('titles several directories, and says which is not there', async () => {
    const { code, stdout, stderr } = await alice('ls', `${home}/sub`, `${home}/none`, '/demo/user/b/bob', `${home}/empty`);
    expect(code).toBe(1);
    expect(stdout).toBe(`${home}/sub:\nc.bin\ndeep/\n${home}/empty:\n`);
    expect(stderr).toContain(`${home}/none: ${none}`);
    expect(stderr).toMatch(/\/demo\/user\/b\/bob: Permission denied/);
  });

  it('is one JSON object', async () => {
    const { successful } = await json<{ successful: { lfn: string; entries: Record<string, unknown>[] }[] }>(
      alice('ls', '-l', home, '--output', 'json'),
    );
    expect(successful).toMatchObject([
      {
        lfn: home,
        entries: [
          {
            name: 'a.bin',
            type: 'file',
            sizeBytes: 1500,
            checksum: adler32(contents['a.bin']!),
            replicas: [{ storageElement: 'DEMO-S3' }],
          },
          { name: 'b.txt' },
          { name: 'empty', type: 'directory' },
          { name: 'sub', type: 'directory' },
        ],
      },
    ]);
  });
});

describe('find', () => {
  it('finds files by name and condition, in every directory below', async () => {
    expect((await alice('find', home, '--name', '*.bin')).stdout).toBe(`${home}/a.bin\n${home}/sub/c.bin\n${home}/sub/deep/d.bin\n`);
    expect((await alice('find', home, 'Size>=1500', 'Owner=alice', '--se', 'DEMO-S3')).stdout).toBe(`${home}/a.bin\n${home}/sub/c.bin\n`);
    expect((await alice('find', home, '--se', 'OTHER-S3')).stdout).toBe('');
    expect((await alice('find', home, 'CreationDate<2020-01-01')).stdout).toBe('');
    expect(await json(alice('find', `${home}/sub/deep`, '--json'))).toEqual({
      files: [{ lfn: `${home}/sub/deep/d.bin`, sizeBytes: 4 }],
      failed: [],
    });
  });

  it('refuses a condition it does not know rather than leaving it out', async () => {
    expect(await alice('find', home, 'Colour=red')).toMatchObject({ code: 2, stdout: '' });
    expect(await alice('find', `${home}/none`)).toMatchObject({ code: 1, stdout: '' });
  });

  it("takes its directory as one of the conditions under DIRAC's name", async () => {
    expect(await dirac('dirac-dms-find-lfns', `Path=${home}`, 'Size<100')).toMatchObject({
      code: 0,
      stdout: `${home}/b.txt\n${home}/sub/deep/d.bin\n`,
    });
    expect((await dirac('dirac-dms-find-lfns', '--Path', `${home}/sub`, '--SE=DEMO-S3')).stdout).toBe(
      `${home}/sub/c.bin\n${home}/sub/deep/d.bin\n`,
    );
    expect((await dirac('dirac-dms-find-lfns')).code).toBe(2);
    expect((await dirac('dirac-dms-find-lfns', '--dirac-exit-codes')).code).toBe(1);
    expect((await dirac('dirac-dms-find-lfns', `Path=${home}/none`, '--dirac-exit-codes')).code).toBe(255);
  });
});

describe('du', () => {
  it('adds up everything below a directory, and what lies where', async () => {
    expect((await alice('du', home)).stdout).toBe(`4524\t${home}\t(4 files, 3 directories)\n`);
    expect((await alice('du', '--by-se', '-H', `${home}/sub`)).stdout).toBe(
      `2.9KiB\t${home}/sub\t(2 files, 1 directories)\n  DEMO-S3: 2.9KiB in 2 replicas\n`,
    );
    expect(await json(alice('du', `${home}/b.txt`, `${home}/none`, '--json'))).toMatchObject({
      successful: [{ lfn: `${home}/b.txt`, type: 'file', sizeBytes: 20, files: 1 }],
      failed: [{ lfn: `${home}/none`, code: 'no-such-file' }],
    });
  });

  it("is DIRAC's box, in its units", async () => {
    const { stdout, code } = await dirac('dirac-dms-data-size', '-u', 'MB', `${home}/a.bin`, `${home}/none`);
    expect(code).toBe(1);
    const rule = '-'.repeat(30);
    expect(stdout).toBe(`${rule}\nFiles          |      Size (MB)\n${rule}\n1              |            0.0\n${rule}\n`);
    expect((await dirac('dirac-dms-data-size', `${home}/none`, '--dirac-exit-codes')).code).toBe(0);
    expect((await dirac('dirac-dms-data-size', '-u', 'KB', `${home}/a.bin`)).code).toBe(2);
  });
});

describe('user-files', () => {
  it('lists the files of the user, by name and age, or directories with nothing in them', async () => {
    const all = Object.keys(sizes).map((name) => `${home}/${name}\n`);
    expect(await alice('user-files')).toMatchObject({ code: 0, stdout: all.join('') });
    expect((await alice('user-files', '-w', '[ab].*')).stdout).toBe(`${home}/a.bin\n${home}/b.txt\n`);
    expect((await alice('user-files', '--days', '1')).stdout).toBe('');
    expect((await alice('user-files', '--empty-dirs')).stdout).toBe(`${home}/empty\n`);
    expect((await alice('user-files', '--days', '-1')).code).toBe(2);
    expect(await json(alice('user-files', '--base-dir', `${home}/sub/`, '--json'))).toEqual({
      baseDirectory: `${home}/sub`,
      files: [`${home}/sub/c.bin`, `${home}/sub/deep/d.bin`],
      failed: [],
    });
  });

  it("writes DIRAC's lists", async () => {
    const { code, stdout } = await dirac('dirac-dms-user-lfns', '-e', '--Wild', '.bin');
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        `Will search for files in ${home} matching *.bin`,
        `${home}: 3 files matching, 3 sub-directories`,
        '3 matched files have been put in demo-user-a-alice.lfns',
        '1 empty directories have been put in demo-user-a-alice.emptydirs',
        '',
      ].join('\n'),
    );
    expect(await readFile(inHome('demo-user-a-alice.lfns'), 'utf8')).toBe(`${home}/a.bin\n${home}/sub/c.bin\n${home}/sub/deep/d.bin\n`);
    expect(await readFile(inHome('demo-user-a-alice.emptydirs'), 'utf8')).toBe(`${home}/empty\n`);
    expect((await dirac('dirac-dms-user-lfns', '-b', '/demo/user/b/bob', '--dirac-exit-codes')).code).toBe(1);
  });
});

describe('storage URLs', () => {
  const lfn = `${home}/a.bin`;

  it('become access URLs that plain HTTP can use', async () => {
    const { code, stdout } = await alice('pfn', 'url', pfnOf(lfn), 'DEMO-S3');
    expect(code).toBe(0);
    const bytes = Buffer.from(await (await fetch(stdout.trim())).arrayBuffer());
    expect(bytes.equals(contents['a.bin']!)).toBe(true);
    expect(await json(alice('pfn', 'url', pfnOf(lfn), 'DEMO-S3', '--json'))).toMatchObject({
      successful: [{ pfn: pfnOf(lfn), lfn }],
      failed: [],
    });
  });

  it('are refused when they belong to another store, bucket or user', async () => {
    for (const url of [
      `s3://elsewhere.example.org/bucket${lfn}`,
      pfnOf(lfn).replace(world.store.bucket, 'other'),
      `https${pfnOf(lfn).slice(2)}`,
      lfn,
    ]) {
      const run = await alice('pfn', 'url', url, 'DEMO-S3');
      expect({ url, ...run }).toMatchObject({ url, code: 1, stdout: '' });
      expect(run.stderr).toContain('(invalid-storage-url)');
    }
    const forbidden = await alice('pfn', 'url', pfnOf('/demo/user/b/bob/x'), 'DEMO-S3');
    expect(forbidden).toMatchObject({ code: 1, stdout: '' });
    expect(forbidden.stderr).toMatch(/permission denied/i);
    expect((await alice('pfn', 'url', pfnOf(lfn), 'NO-SE')).stderr).toContain('(unknown-storage-element)');
  });

  it("are what DIRAC's commands take, several of a list", async () => {
    await writeFile(inHome('pfns'), `${pfnOf(lfn)}\ns3://elsewhere/x\n`);
    const run = await dirac('dirac-dms-pfn-accessURL', 'pfns', 'DEMO-S3');
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("{'Failed': {'s3://elsewhere/x': 'Invalid storage URL");
    expect(run.stdout).toContain(`'Successful': {'${pfnOf(lfn)}': 'http`.slice(0, 30));
    expect((await dirac('dirac-dms-pfn-accessURL', 'pfns', 'DEMO-S3', '--dirac-exit-codes')).code).toBe(0);
    const metadata = await dirac('dirac-dms-pfn-metadata', pfnOf(lfn), 'DEMO-S3');
    expect(metadata.code).toBe(0);
    for (const text of ["'Accessible': True", `'Checksum': '${adler32(contents['a.bin']!)}'`, "'Size': 1500", "'File': True"])
      expect(metadata.stdout).toContain(text);
    expect(await json(alice('pfn', 'meta', pfnOf(lfn), 'DEMO-S3', '--json'))).toMatchObject({ successful: [{ lfn, sizeBytes: 1500 }] });
    expect((await alice('pfn', 'meta', pfnOf(`${home}/none`), 'DEMO-S3')).code).toBe(1);
  });
});

describe('StorageElements', () => {
  it('are asked about replicas', async () => {
    const checksum = adler32(contents['b.txt']!);
    expect((await alice('se', 'stat', `${home}/b.txt`, 'DEMO-S3')).stdout).toBe(
      `${home}/b.txt at DEMO-S3: 20 bytes, Adler-32 ${checksum}\n`,
    );
    expect(await json(alice('se', 'stat', `${home}/b.txt`, 'DEMO-S3', '--json'))).toMatchObject({
      successful: [{ storageElement: 'DEMO-S3', sizeBytes: 20, checksum }],
    });
    const { code, stdout } = await dirac('dirac-dms-replica-metadata', `${home}/b.txt`, 'DEMO-S3');
    expect(code).toBe(0);
    expect(stdout).toBe(
      `${'File'.padEnd(100)} Migrated Cached   Size (bytes)\n${`${home}/b.txt`.padEnd(100)} False    True     20        \n`,
    );
    const missing = await dirac('dirac-dms-replica-metadata', `${home}/none`, 'DEMO-S3');
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain(`${`${home}/none`.padEnd(100)} ${none}`);
  });

  it('tell what can be done there', async () => {
    const table = 'SE      ReadAccess WriteAccess RemoveAccess CheckAccess\n=======================================================\n';
    const row = (read: string): string => `DEMO-S3 ${read.padEnd(10)} Active      Active       Active\n\n`;
    expect((await alice('se', 'status')).stdout).toBe(table + row('Active'));
    const banned = await dirac('dirac-dms-show-se-status', '-s', '/Resources/StorageElements', '-o', 'DEMO-S3/ReadAccess=Banned');
    expect(banned).toMatchObject({ code: 0, stdout: table + row('Banned') });
    const ofVo = ['-o', '/Resources/StorageElements/DEMO-S3/VO=other'];
    expect((await dirac('dirac-dms-show-se-status', ...ofVo)).stdout).toBe('No output\n');
    for (const words of [['-V', 'other'], ['--all']])
      expect((await dirac('dirac-dms-show-se-status', ...words, ...ofVo)).stdout).toContain('DEMO-S3');
    expect((await dirac('dirac-dms-show-se-status', '-n', ...ofVo)).stdout).toBe('No output\n');
    expect(await json(alice('se', 'status', '--all', '--json'))).toMatchObject({
      storageElements: [{ name: 'DEMO-S3', status: { Read: 'Active' } }],
    });
    expect((await alice('se', 'status', '--all', '--vo', 'demo')).code).toBe(2);
  });
});

describe('entries of the catalog', () => {
  it('are found by GUID', async () => {
    const { successful } = await json<{ successful: { guid: string }[] }>(alice('meta', `${home}/a.bin`, '--json'));
    const { guid } = successful[0]!;
    const unknown = '00000000-0000-0000-0000-000000000000';
    expect((await alice('guid', guid.toLowerCase())).stdout).toBe(`${guid} -> ${home}/a.bin\n`);
    const { code, stdout } = await dirac('dirac-dms-resolve-guid', `${guid},${unknown}`);
    expect(code).toBe(1);
    expect(stdout).toBe(`Error '${none}' for guids ['${unknown}']\n${guid} -> ${home}/a.bin\n`);
    expect((await dirac('dirac-dms-resolve-guid', unknown, '--dirac-exit-codes')).code).toBe(0);
    expect((await alice('guid', 'nonsense')).code).toBe(1);
  });

  it("are shown in DIRAC's table", async () => {
    const { code, stdout } = await dirac('dirac-dms-catalog-metadata', `${home}/b.txt`, 'FileCatalog');
    expect(code).toBe(0);
    const [header = '', line = ''] = stdout.split('\n');
    expect(header.split(/\s+/).slice(0, 5)).toEqual(['FileName', 'Size', 'GUID', 'Status', 'Checksum']);
    expect(line.slice(0, 115)).toBe(`${`${home}/b.txt`.padEnd(100)} 20         `.padEnd(112) + line.slice(112, 115));
    expect(line.split(/\s+/)).toMatchObject([
      `${home}/b.txt`,
      '20',
      expect.stringMatching(/^[0-9A-F-]{36}$/),
      'AprioriGood',
      adler32(contents['b.txt']!),
      '',
    ]);
    expect(await dirac('dirac-dms-catalog-metadata', `${home}/none`, '--dirac-exit-codes')).toMatchObject({ code: 0 });
  });

  it('go without their objects, which stay', async () => {
    const lfn = `${home}/forget/x.bin`;
    expect(await alice('put', lfn, 'a.bin', 'DEMO-S3', 'new')).toMatchObject({ code: 0 });
    expect((await alice('catalog', 'rm-replica', lfn, 'DEMO-S3')).stdout).toBe(`the catalog has no replica of ${lfn} at DEMO-S3\n`);
    expect((await alice('replicas', lfn, '--json')).stdout).toContain('"replicas":[]');
    expect((await dirac('dirac-dms-remove-catalog-replicas', lfn, 'DEMO-S3')).stdout).toBe(
      'Successfully remove 1 catalog replicas at DEMO-S3\n',
    );
    const removed = await dirac('dirac-dms-remove-catalog-files', lfn);
    expect(removed).toMatchObject({ code: 0, stdout: 'Successfully removed 1 catalog files.\n' });
    expect((await alice('meta', lfn)).code).toBe(1);
    expect((await alice('se', 'stat', lfn, 'DEMO-S3')).code).toBe(0);
    const again = await dirac('dirac-dms-remove-catalog-files', lfn);
    expect(again).toMatchObject({ code: 1, stdout: `Error: failed to remove ${lfn}: ${none}\nSuccessfully removed 0 catalog files.\n` });
    expect((await dirac('dirac-dms-remove-catalog-files', lfn, '--dirac-exit-codes')).code).toBe(0);
    expect((await alice('catalog', 'rm', '/demo/user/b/bob/x')).stderr).toMatch(/permission denied|no such file/i);
    expect((await alice('rm', '--unregistered', lfn, 'DEMO-S3')).code).toBe(0);
  });
});

describe('directories', () => {
  const fill = async (directory: string): Promise<void> => {
    for (const name of ['one', 'below/two'])
      expect(await alice('put', `${directory}/${name}`, 'a.bin', 'DEMO-S3', 'new')).toMatchObject({ code: 0 });
  };

  it('are emptied with their objects', async () => {
    await fill(`${home}/old`);
    const run = await alice('rm', '-r', `${home}/old`, `${home}/none`);
    expect(run).toMatchObject({ code: 1, stdout: `${home}/old/below/two is removed\n${home}/old/one is removed\n` });
    expect(run.stderr).toContain(`${home}/none: ${none}`);
    expect((await alice('find', `${home}/old`)).stdout).toBe('');
    expect((await alice('se', 'stat', `${home}/old/one`, 'DEMO-S3')).code).toBe(1);
  });

  it("are all cleaned under DIRAC's name, not the first alone", async () => {
    await fill(`${home}/clean1`);
    await fill(`${home}/clean2`);
    await writeFile(inHome('dirs'), `${home}/clean1\n${home}/clean2\n`);
    const run = await dirac('dirac-dms-clean-directory', 'dirs');
    expect(run).toMatchObject({
      code: 0,
      stdout: `Cleaning directory '${home}/clean1' ... \nOK\nCleaning directory '${home}/clean2' ... \nOK\n`,
    });
    expect((await alice('find', home, '--name', 'two')).stdout).toBe('');
    const missing = await dirac('dirac-dms-clean-directory', `${home}/none`, '--dirac-exit-codes');
    expect(missing.code).toBe(255);
    expect(missing.stdout).toContain(`Failed to clean folder '${home}/none': ${none}`);
  });
});

describe("DIRAC's short commands", () => {
  it('have a current directory of the shell, which only its owner can read', async () => {
    expect(await dirac('dpwd')).toMatchObject({ code: 0, stdout: '/\n' });
    expect(await dirac('dcd', home)).toMatchObject({ code: 0, stdout: '' });
    expect(await dirac('dcd', 'sub')).toMatchObject({ code: 0 });
    expect((await dirac('dpwd')).stdout).toBe(`${home}/sub\n`);
    expect(await dirac('dcd', '..')).toMatchObject({ code: 0 });
    expect((await dirac('dpwd')).stdout).toBe(`${home}\n`);
    expect((await stat(inHome('.dirac'))).mode & 0o777).toBe(0o700);
    expect((await dirac('dcd', 'none')).code).toBe(1);
    expect((await dirac('dcd', 'a.bin', '--dirac-exit-codes')).code).toBe(255);
    expect((await dirac('dpwd')).stdout).toBe(`${home}\n`);
  });

  it('list, find and measure what is there', async () => {
    expect((await dirac('dls', 'sub')).stdout).toBe(`${home}/sub:\nc.bin\ndeep\n`);
    expect((await dirac('dls')).stdout).toMatch(new RegExp(`^${home}:\na\\.bin\nb\\.txt\n`));
    expect((await dirac('dls', '-LH', 'sub/c.bin')).stdout).toMatch(
      /^-rwx------ 1 alice demo_user 2\.9KiB .* \/\S+c\.bin\n {3}DEMO-S3 {9}s3:/,
    );
    expect((await dirac('dreplicas', 'a.bin', 'b.txt')).stdout).toBe(
      `${home}/a.bin:\n   DEMO-S3 ${pfnOf(`${home}/a.bin`)}\n${home}/b.txt:\n   DEMO-S3 ${pfnOf(`${home}/b.txt`)}\n`,
    );
    expect((await dirac('dreplicas', 'none', '--dirac-exit-codes')).code).toBe(254);
    expect((await dirac('dsize', 'sub')).stdout).toBe(`directory: ${home}/sub\nLogical Size: 3,004 Files: 2 Directories: 1\n`);
    expect((await dirac('dsize', '-l', 'sub')).stdout).toContain('StorageElement Size  Replicas\n');
    expect((await dirac('dsize', 'a.bin')).stdout).toBe(`lfn: ${home}/a.bin\nSize: 1500\n`);
    expect((await dirac('dfind', '.', 'Size<10')).stdout).toBe(`${home}/sub/deep/d.bin\n`);
  });

  it('upload, download and remove, silently', async () => {
    expect(await dirac('dmkdir', 'short')).toMatchObject({ code: 0, stdout: '' });
    expect(await dirac('dput', '-D', 'DEMO-S3', 'a.bin', 'b.txt', 'short')).toMatchObject({ code: 1, stdout: '' });
    await writeFile(inHome('fresh.bin'), randomBytes(77));
    await writeFile(inHome('other.bin'), randomBytes(78));
    expect(await dirac('dput', '-D', 'DEMO-S3', 'fresh.bin', 'other.bin', 'short')).toMatchObject({ code: 0, stdout: '' });
    expect((await dirac('dput', 'fresh.bin')).stderr).toMatch(/DIRAC-USER .*\(unknown-storage-element\)/);
    expect((await dirac('dput', '-D', 'DEMO-S3', 'fresh.bin', 'other.bin', 'short/fresh.bin')).code).toBe(2);
    await mkdir(inHome('landing'));
    expect(await dirac('dget', 'short/fresh.bin', 'short/other.bin', 'landing')).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(inHome('landing/fresh.bin'))).toEqual(await readFile(inHome('fresh.bin')));
    expect((await dirac('dget', 'short/fresh.bin', 'no-such-directory')).code).toBe(2);
    expect((await dirac('dget', 'short/none', 'landing', '--dirac-exit-codes')).code).toBe(253);
    await writeFile(inHome('to-remove'), 'short/other.bin\n\nshort/none\n');
    const run = await dirac('drm', '-F', 'to-remove', 'short/fresh.bin');
    expect(run.code).toBe(1);
    expect(run.stdout).toBe(
      `Removing 3 objects\n${home}/short/none no such file\n\n2 object(s) removed in total\n1 object(s) failed removal in total\n`,
    );
    expect((await dirac('drm', 'short/none', '--dirac-exit-codes')).code).toBe(0);
    expect((await dirac('drm')).code).toBe(2);
    expect(await dirac('drm', '-r', 'short')).toMatchObject({ code: 0 });
  });

  it('upload and download whole directories with -r, and files beside them', async () => {
    await mkdir(inHome('tree/below'), { recursive: true });
    await mkdir(inHome('back'));
    const content: Record<string, Buffer> = { 'tree/one': randomBytes(900), 'tree/below/two': randomBytes(901), single: randomBytes(902) };
    for (const [name, bytes] of Object.entries(content)) await writeFile(inHome(name), bytes);
    expect(await dirac('dmkdir', 'trees')).toMatchObject({ code: 0 });
    expect(await dirac('dput', '-r', '-D', 'DEMO-S3', 'tree', 'single', 'trees')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await dirac('dfind', 'trees')).stdout).toBe(
      ['single', 'tree/below/two', 'tree/one'].map((name) => `${home}/trees/${name}\n`).join(''),
    );
    expect(await dirac('dget', '-r', 'trees/tree', 'trees/single', 'back')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    for (const [name, bytes] of Object.entries(content)) expect(await readFile(inHome(`back/${name}`))).toEqual(bytes);
    const again = await dirac('dget', '-r', 'trees/tree', 'trees/none', 'back', '--output', 'json', '--dirac-exit-codes');
    expect(again.code).toBe(253);
    expect(JSON.parse(again.stdout)).toMatchObject({
      successful: [],
      failed: [{ code: 'file-exists' }, { code: 'file-exists' }, { lfn: `${home}/trees/none`, code: 'no-such-file' }],
    });
    expect((await dirac('dget', 'trees/tree', 'back')).code).toBe(1);
    expect((await dirac('dput', '-D', 'DEMO-S3', 'tree', 'trees')).stderr).toContain('(local-file)');
    const words = await dirac('dput', '-r', '-D', 'DEMO-S3', 'tree', 'copy', '--output', 'json');
    expect(words.code).toBe(1);
    expect(JSON.parse(words.stdout)).toMatchObject({
      successful: [{ lfn: `${home}/copy/below`, action: 'make-directory' }],
      failed: [{ code: 'conflict' }, { code: 'conflict' }],
    });
  });

  it('have a configuration that is shown, filled, set, and never evaluated', async () => {
    expect(await dirac('dconfig', '-m')).toMatchObject({
      code: 0,
      stdout: '[global]\ndefault_profile = demo_user\n[demo_user]\ngroup_name = demo_user\nhome_dir = /\ndefault_se = DIRAC-USER\n',
    });
    expect(await dirac('dconfig', 'demo_user.default_se=DEMO-S3', `demo_user.home_dir=${home}/sub`)).toMatchObject({ code: 0 });
    expect((await dirac('dconfig', 'demo_user.default_se')).stdout).toBe('default_se = DEMO-S3\n');
    expect((await dirac('dconfig', 'nosuch')).code).toBe(2);
    expect((await dirac('dconfig', 'nosuch', '--dirac-exit-codes')).code).toBe(255);
    await dirac('dcd');
    expect((await dirac('dpwd')).stdout).toBe(`${home}/sub\n`);
    expect(await dirac('dput', 'uploads')).toMatchObject({ code: 0 });
    expect((await alice('replicas', `${home}/sub/uploads`)).stdout).toContain('DEMO-S3');
    expect((await stat(inHome('.dirac/dcommands.conf'))).mode & 0o777).toBe(0o600);
  });

  it('change who may do what, of names below the current directory', async () => {
    await dirac('dcd', home);
    await dirac('dmkdir', 'shared/deep');
    const metadata = (name: string) => json<{ successful: object[] }>(alice('meta', `${home}/${name}`, '--json'));
    expect(await dirac('dchmod', '500', 'shared')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await metadata('shared')).toMatchObject({ successful: [{ type: 'directory', mode: 0o500 }] });
    expect(await metadata('shared/deep')).toMatchObject({ successful: [{ mode: 0o700 }] });
    expect((await dirac('dmkdir', 'shared/more')).stderr).toMatch(/Permission denied/);
    expect(await dirac('dchmod', '0o755', 'shared')).toMatchObject({ code: 1, stderr: expect.stringContaining('Permission denied') });
    const carol = (...words: string[]): Promise<Run> => world.cli('carol', words);
    expect(await carol('chmod', '-R', '0750', `${home}/shared`)).toMatchObject({ code: 0 });
    for (const name of ['shared', 'shared/deep']) expect(await metadata(name)).toMatchObject({ successful: [{ mode: 0o750 }] });
    expect(await dirac('dchown', 'bob', 'shared')).toMatchObject({ code: 1, stderr: expect.stringContaining('Permission denied') });
    expect((await dirac('dchgrp', 'demo_admin', 'shared', '--dirac-exit-codes')).code).toBe(0);
    expect(await carol('chown', '-R', 'bob', `${home}/shared`)).toMatchObject({ code: 0 });
    expect(await metadata('shared/deep')).toMatchObject({ successful: [{ owner: 'bob', ownerGroup: 'demo_user' }] });
    expect((await dirac('dchmod', '-R', '0700', '.')).stderr).toMatch(/nothing is changed, because of \/\S+\/shared: this needs Write/);
    expect(await metadata('sub')).toMatchObject({ successful: [{ mode: 0o700 }] });
    expect(await carol('chown', '-R', 'alice', `${home}/shared`)).toMatchObject({ code: 0 });
    expect(await dirac('drmdir', 'shared/deep', 'shared')).toMatchObject({ code: 0 });
  });

  it('tell what they remember', async () => {
    expect((await dirac('dgetenv')).stdout).toBe(`cwd = ${home}\n`);
    expect((await dirac('dgetenv', 'CWD')).stdout).toBe(`${home}\n`);
    expect((await dirac('dgetenv', 'session:environment.cwd')).stdout).toBe(`${home}\n`);
    expect((await dirac('dgetenv', 'demo_user.default_se')).stdout).toBe('DEMO-S3\n');
    expect((await dirac('dgetenv', 'default_se')).code).toBe(2);
    for (const word of ['demo_user.default_se.more', 'demo_user.default_se=x', '.cwd', 'demo_user.']) {
      expect(await dirac('dgetenv', word)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(`"${word}" is not of the form option`),
      });
    }
  });

  it('refuse what they keep when it cannot be read', async () => {
    await chmod(inHome('.dirac/dcommands.conf'), 0o600);
    const elsewhere = inHome('file-not-directory');
    await writeFile(elsewhere, '');
    const run = await world.cli('alice', [home], {
      program: join(world.directory, 'bin', 'dcd'),
      env: { DCOMMANDS_CONFIG_DIR: elsewhere },
    });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('(local-file)');
  });
});

describe('--output and --dirac-exit-codes', () => {
  it('say text or json, and nothing else', async () => {
    expect((await alice('ls', home, '--output=xml')).code).toBe(2);
    expect((await alice('ls', home, '--output', 'text')).stdout).toContain('a.bin');
    const wrong = await world.cli('alice', ['ls', home, '--output', 'json'], { env: { BEARER_TOKEN: 'x'.repeat(20) } });
    expect(wrong.code).toBe(4);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it("turn the truth into DIRAC's codes, under both names, for items, wrong words, wrong configuration and the whole", async () => {
    const missing = `${home}/none`;
    expect((await alice('meta', missing)).code).toBe(1);
    expect((await alice('meta', missing, '--dirac-exit-codes')).code).toBe(0);
    expect((await dirac('dirac-dms-get-file', missing)).code).toBe(1);
    expect((await dirac('dirac-dms-get-file', missing, '--dirac-exit-codes')).code).toBe(2);
    expect((await dirac('dirac-dms-add-file', missing, 'no-such', 'DEMO-S3', '--dirac-exit-codes')).code).toBe(1);
    expect((await dirac('dirac-dms-add-file', 'no-list', '--dirac-exit-codes')).code).toBe(4);
    expect((await dirac('dirac-dms-lfn-metadata', '--dirac-exit-codes')).code).toBe(1);
    expect((await dirac('dirac-dms-lfn-metadata', missing, '--nonsense', '--dirac-exit-codes')).code).toBe(2);
    expect((await dirac('dirac-dms-lfn-metadata', missing, '-o', 'nonsense', '--dirac-exit-codes')).code).toBe(1);
    const noToken = { program: join(world.directory, 'bin', 'dirac-dms-remove-files'), env: { BEARER_TOKEN_FILE: '', BEARER_TOKEN: 'x' } };
    expect((await world.cli('alice', [missing, '--dirac-exit-codes'], noToken)).code).toBe(254);
  });
});
