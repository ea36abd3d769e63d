import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seedSqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import { startProgram, stopProgram } from '../../../../scripts/world/processes.mjs';
import { built } from '../../../../scripts/world/world.mjs';
import { program, runCli, type Run } from './run-cli.js';

interface StoreFacts {
  readonly origin: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const home = '/demo/user/a/alice';
const bytes = randomBytes(200_000);

/** Two StorageElements at one store, one at another, and a directory; the program reaches them with keys of its own. */
describe('replicas through the program', () => {
  let folder: string;
  const stores: Awaited<ReturnType<typeof startStore>>[] = [];

  async function startStore(buckets: readonly string[]) {
    const args = ['--directory', join(folder, buckets[0]!), ...buckets.flatMap((bucket) => ['--bucket', bucket])];
    return startProgram([built('core/dist/testing/development-store/main.js'), ...args], {
      name: 'the development store',
      ready: (line: string) => (line.startsWith('{') ? (JSON.parse(line) as StoreFacts) : undefined),
    });
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dirac-s3-replicas-'));
    await mkdir(join(folder, 'disk'));
    stores.push(await startStore(['one', 'two']), await startStore(['far']));
    await seedSqliteFileCatalog(join(folder, 'catalog.db'), [{ path: home, owner: 'alice', group: 'demo_user', mode: 0o755 }]);
    await writeFile(
      join(folder, '.dirac.cfg'),
      configuration(
        folder,
        stores.map(({ ready }) => ready),
      ),
      { mode: 0o600 },
    );
    await writeFile(join(folder, 'data.bin'), bytes);
  }, 60_000);
  afterAll(async () => {
    for (const { child } of stores) await stopProgram(child);
    await rm(folder, { recursive: true });
  });

  const cli = (words: readonly string[], options: Parameters<typeof runCli>[1] = {}): Promise<Run> =>
    runCli(words, { cwd: folder, ...options, env: { DIRAC_S3_IDENTITY: 'alice:demo_user' } });
  const dirac = async (name: string, words: readonly string[]): Promise<Run> => {
    await symlink(program, join(folder, name)).catch(() => undefined);
    return cli(words, { program: join(folder, name) });
  };
  const add = async (name: string): Promise<string> => {
    const lfn = `${home}/${name}`;
    expect(await cli(['put', lfn, 'data.bin', 'ONE', 'new'])).toMatchObject({ code: 0 });
    return lfn;
  };
  const replicas = async (lfn: string): Promise<string[]> => {
    const { stdout } = await cli(['replicas', lfn, '--json']);
    const [found] = (JSON.parse(stdout) as { successful: { replicas: { storageElement: string }[] }[] }).successful;
    return found!.replicas.map(({ storageElement }) => storageElement).sort();
  };

  it('replicate copies to several StorageElements, groups among them, and tells how', async () => {
    const lfn = await add('several.bin');
    const { code, stdout, stderr } = await cli(['replicate', lfn, '--to', 'OTHERS', '--to', 'DISK']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `${lfn} is at TWO: from ONE, copied by the store`,
      `${lfn} is at FAR: from ONE, streamed`,
      expect.stringMatching(new RegExp(`^${lfn} is at DISK: from [A-Z]+, streamed$`)),
      '',
    ]);
    expect((await readFile(join(folder, 'disk', lfn))).equals(bytes)).toBe(true);
    expect(await replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE', 'TWO']);
    expect((await cli(['replicate', lfn, '--to', 'FAR'])).stdout).toBe(`${lfn} is at FAR: it was there\n`);
  });

  it('replicate prints JSON, and of each failure the file, the StorageElement and the reason', async () => {
    const lfn = await add('json.bin');
    const { code, stdout, stderr } = await cli(['replicate', lfn, `${home}/none`, '--to', 'FAR,GRID', '--json']);
    expect(code).toBe(1);
    const { successful, failed } = JSON.parse(stdout) as {
      successful: object[];
      failed: { lfn: string; storageElement: string; code: string; message: string }[];
    };
    expect(successful).toEqual([
      expect.objectContaining({ lfn, storageElement: 'FAR', source: 'ONE', method: 'stream', sizeBytes: bytes.length }),
    ]);
    expect(failed.map(({ message: _, ...rest }) => rest)).toEqual([
      { lfn: `${home}/none`, storageElement: 'FAR', code: 'no-such-file' },
      { lfn, storageElement: 'GRID', code: 'unsupported-protocol' },
      { lfn: `${home}/none`, storageElement: 'GRID', code: 'unsupported-protocol' },
    ]);
    expect(failed[1]!.message).toBe('GRID has the protocols srm, root; this program has s3 and file');
    expect(stderr).toContain(`dirac-s3: ${lfn} to GRID: `);
  });

  it('replicate goes through a directory when it is told to, and takes the source it is told', async () => {
    const lfn = await add('through.bin');
    await mkdir(join(folder, 'cache'));
    const { stdout, code } = await cli(['replicate', lfn, '--to', 'FAR', '--from', 'ONE', '--cache', 'cache']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${lfn} is at FAR: from ONE, through a local file\n` });
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
    const wrong = await cli(['replicate', lfn, '--to', 'TWO', '--from', 'DISK']);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('no replica at DISK') });
  });

  it.each<[string, string[], string]>([
    ['without a destination', ['replicate', `${home}/x`], '--to'],
    ['to a name nobody knows', ['replicate', `${home}/x`, '--to', 'NOWHERE'], 'neither a StorageElement nor a group'],
    ['to a closed StorageElement', ['replicate', `${home}/several.bin`, '--to', 'CLOSED'], 'WriteAccess is Probing'],
    [
      'where the protocol may not be registered',
      ['replicate', `${home}/several.bin`, '--to', 'FAR', '-o', '/Operations/Defaults/DataManagement/RegistrationProtocols=srm'],
      'RegistrationProtocols (srm)',
    ],
    [
      'an upload, where the protocol may not be registered',
      ['put', `${home}/new.bin`, 'data.bin', 'ONE', '-o', '/Operations/Defaults/DataManagement/RegistrationProtocols=srm'],
      'RegistrationProtocols (srm)',
    ],
  ])('refuses, %s', async (_, words, text) => {
    const { code, stderr, stdout } = await cli(words);
    expect([1, 2]).toContain(code);
    expect(stdout).toBe('');
    expect(stderr).toContain(text);
  });

  it("dirac-dms-replicate-lfn prints what DIRAC's does", async () => {
    const [one, two] = [await add('dirac-1.bin'), await add('dirac-2.bin')];
    const single = await dirac('dirac-dms-replicate-lfn', [one, 'FAR', 'ONE']);
    expect(single.code).toBe(0);
    expect(single.stdout).toMatch(
      new RegExp(`^\\{'Failed': \\{\\},\\n 'Successful': \\{'${one}': \\{'register': [\\d.]+,\\n +'replicate': [\\d.]+\\}\\}\\}\\n$`),
    );
    await writeFile(join(folder, 'lfns.txt'), `${one}\n${two}\n${home}/none\n`);
    const many = await dirac('dirac-dms-replicate-lfn', ['lfns.txt', 'FAR']);
    expect(many.code).toBe(1);
    expect(many.stdout).toMatch(new RegExp(`'${one}': \\{'register': 0,\n +'replicate': 0\\}`));
    expect(many.stdout).toContain('ERROR ');
    expect(many.stdout).toContain(`{'Failed': ['${home}/none'], 'Successful': ['${one}', '${two}']}\n`);
    expect((await dirac('dirac-dms-replicate-lfn', ['lfns.txt', 'FAR', '--dirac-exit-codes'])).code).toBe(2);
    expect((await dirac('dirac-dms-replicate-lfn', [one, 'FAR', 'ONE', 'cache', 'more'])).code).toBe(2);
  });

  it('drepl is silent, and takes a list of destinations', async () => {
    const lfn = await add('short.bin');
    expect(await dirac('drepl', ['-D', 'FAR,DISK', '-S', 'ONE', lfn])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE']);
    expect(await dirac('drepl', ['-D', 'CLOSED', lfn, '--dirac-exit-codes'])).toMatchObject({ code: 254, stdout: '' });
  });

  it('replica rm removes replicas, and never the only one', async () => {
    const lfn = await add('removed.bin');
    await cli(['replicate', lfn, '--to', 'FAR,DISK']);
    const { code, stdout } = await cli(['replica', 'rm', lfn, 'FAR', 'DISK']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${lfn} has no replica at FAR\n${lfn} has no replica at DISK\n` });
    expect(await replicas(lfn)).toEqual(['ONE']);
    const last = await cli(['replica', 'rm', lfn, 'ONE', '--json']);
    expect(last.code).toBe(1);
    expect(JSON.parse(last.stdout)).toEqual({
      successful: [],
      failed: [{ lfn, storageElement: 'ONE', code: 'conflict', message: expect.stringContaining(`dirac-s3 rm ${lfn}`) }],
    });
    expect(await replicas(lfn)).toEqual(['ONE']);
  });

  it("dirac-dms-remove-replicas prints DIRAC's lines", async () => {
    const lfn = await add('dirac-removed.bin');
    await cli(['replicate', lfn, '--to', 'FAR']);
    await writeFile(join(folder, 'lfns.txt'), `${lfn}\n${home}/none\n`);
    const { code, stdout } = await dirac('dirac-dms-remove-replicas', ['lfns.txt', 'FAR']);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      `Successfully removed FAR replica of ${lfn}`,
      expect.stringMatching(new RegExp(`^Error: failed to remove FAR replica of ${home}/none: `)),
      '',
    ]);
    expect((await dirac('dirac-dms-remove-replicas', ['lfns.txt', 'FAR', '--dirac-exit-codes'])).code).toBe(0);
  });

  it('rm --replica-at and drm -D remove replicas only, below directories too', async () => {
    const lfn = await add('below/one.bin');
    const other = await add('below/deep/two.bin');
    await cli(['replicate', lfn, other, '--to', 'TWO,FAR,DISK']);
    const some = await cli(['rm', '--replica-at', 'OTHERS', '-r', `${home}/below`, '--json']);
    expect(some.code).toBe(0);
    expect(JSON.parse(some.stdout)).toEqual({
      successful: ['TWO', 'FAR'].flatMap((storageElement) => [other, lfn].map((name) => ({ lfn: name, storageElement }))),
      failed: [],
    });
    expect(await replicas(lfn)).toEqual(['DISK', 'ONE']);
    expect(await dirac('drm', ['-D', 'DISK', lfn])).toMatchObject({ code: 0, stdout: '\n1 object(s) removed in total\n' });
    expect(await replicas(lfn)).toEqual(['ONE']);
    const last = await dirac('drm', ['-D', 'ONE', lfn, '--dirac-exit-codes']);
    expect(last).toMatchObject({ code: 2, stdout: expect.stringContaining('1 object(s) failed removal in total') });
    expect(await replicas(other)).toEqual(['DISK', 'ONE']);
    for (const words of [
      ['rm', '--replica-at', ',', lfn],
      ['rm', '--replica-at', 'ONE', '--unregistered', lfn],
    ])
      expect(await cli(words)).toMatchObject({ code: 2, stdout: '' });
  });

  it('a group stands for its members, and for a StorageElement where it has one', async () => {
    const lfn = await add('group.bin');
    await cli(['replicate', lfn, '--to', 'TWO']);
    const stat = await cli(['se', 'stat', lfn, 'OTHERS']);
    expect(stat).toMatchObject({ code: 1, stdout: expect.stringMatching(new RegExp(`^${lfn} at TWO: ${bytes.length} bytes, [^\n]*\n$`)) });
    expect(stat.stderr).toContain(`dirac-s3: ${lfn} at FAR: No such file`);
    expect((await cli(['find', home, '--name', 'group.bin', '--se', 'OTHERS'])).stdout).toBe(`${lfn}\n`);
    expect((await cli(['url', lfn, 'ALONE'])).stdout).toMatch(/^http:.*\/two\/.*X-Amz-Signature/);
    expect(await cli(['put', `${home}/alone.bin`, 'data.bin', 'ALONE', '--guid', 'new'])).toMatchObject({ code: 0 });
    expect(await replicas(`${home}/alone.bin`)).toEqual(['TWO']);
    for (const words of [
      ['put', `${home}/nowhere.bin`, 'data.bin', 'OTHERS', 'new'],
      ['url', lfn, 'OTHERS'],
      ['pfn', 'url', 's3://x/y', 'OTHERS'],
    ]) {
      const { code, stderr } = await cli(words);
      expect(code).toBe(1);
      expect(stderr).toContain('OTHERS is a group of StorageElements (TWO, FAR), and one is needed here');
    }
    expect((await dirac('dirac-dms-remove-catalog-replicas', [lfn, 'OTHERS'])).stdout).toBe(
      'Successfully remove 1 catalog replicas at TWO\nSuccessfully remove 1 catalog replicas at FAR\n',
    );
    expect(await replicas(lfn)).toEqual(['ONE']);
  });

  it('drepl follows the scheme of dcommands.conf, which is read and never evaluated', async () => {
    const lfn = await add('scheme.bin');
    await dirac('dconfig', ['-m', 'demo_user.replication_ses=FAR, DISK,TWO', 'demo_user.replication_scheme=first(2)']);
    expect(await dirac('drepl', [lfn])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE']);
    await dirac('dconfig', ['demo_user.replication_scheme=__import__("os")']);
    expect(await dirac('drepl', [lfn])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('replication_scheme') });
    await dirac('dconfig', ['demo_user.replication_scheme=random(3)']);
    expect(await dirac('drepl', [lfn])).toMatchObject({ code: 0 });
    expect(await replicas(lfn)).toEqual(['DISK', 'FAR', 'ONE', 'TWO']);
    await dirac('dconfig', ['demo_user.replication_ses=']);
    expect(await dirac('drepl', [lfn])).toMatchObject({ code: 1, stderr: expect.stringContaining('DIRAC-USER') });
  });

  it('put --guid names the GUID of one file', async () => {
    const guid = 'AAAAAAAA-1111-2222-3333-444444444444';
    expect(await cli(['put', `${home}/named.bin`, 'data.bin', 'ONE', '--guid', guid])).toMatchObject({ code: 0 });
    expect((await cli(['guid', guid])).stdout).toBe(`${guid} -> ${home}/named.bin\n`);
    for (const words of [
      ['put', 'list.txt', '--guid', guid],
      ['put', `${home}/x`, 'data.bin', 'ONE', 'new', '--guid', guid],
      ['put', '-r', `${home}/x`, '.', 'ONE', '--guid', guid],
    ])
      expect(await cli(words)).toMatchObject({ code: 2, stderr: expect.stringContaining('--guid') });
  });

  it('put and get use a directory as they use a store, and rm removes from both', async () => {
    const lfn = `${home}/disk.bin`;
    expect(await cli(['put', lfn, 'data.bin', 'DISK', 'new'])).toMatchObject({ code: 0 });
    await mkdir(join(folder, 'down'));
    expect(await cli(['get', lfn, '--output-dir', 'down'])).toMatchObject({ code: 0 });
    expect((await readFile(join(folder, 'down', 'disk.bin'))).equals(bytes)).toBe(true);
    await cli(['replicate', lfn, '--to', 'FAR']);
    expect(await cli(['rm', lfn])).toMatchObject({ code: 0 });
    await expect(readFile(join(folder, 'disk', lfn))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

function configuration(folder: string, [near, far]: readonly StoreFacts[]): string {
  const s3 = (name: string, { origin, accessKeyId, secretAccessKey }: StoreFacts, more = ''): string => `
    ${name}
    {
      BackendType = S3
      ${more}
      S3
      {
        Protocol = s3
        Access = remote
        Host = 127.0.0.1
        Port = ${new URL(origin).port}
        Path = ${name === 'CLOSED' ? 'two' : name.toLowerCase()}
        SecureConnection = no
        Aws_access_key_id = ${accessKeyId}
        Aws_secret_access_key = ${secretAccessKey}
      }
    }`;
  const plugin = (section: string, protocol: string, path: string): string => `
      ${section}
      {
        Protocol = ${protocol}
        Access = remote
        Path = ${path}
      }`;
  return `
DIRAC
{
  VirtualOrganization = demo
}
Registry
{
  Users
  {
    alice
    {
      DN = /CN=alice
    }
  }
  Groups
  {
    demo_user
    {
      Users = alice
      Properties = NormalUser
      VO = demo
    }
  }
}
Operations
{
  Defaults
  {
    DataManagement
    {
      AccessProtocols = s3, file
      WriteProtocols = s3, file
      RegistrationProtocols = s3, file
    }
  }
}
Resources
{
  FileCatalogs
  {
    FileCatalog
    {
      CatalogType = Sqlite
      Path = ${join(folder, 'catalog.db')}
    }
  }
  StorageElementGroups
  {
    OTHERS = TWO, FAR
    ALONE = TWO
  }
  StorageElements
  {${s3('ONE', near!)}${s3('TWO', near!)}${s3('FAR', far!)}${s3('CLOSED', near!, 'WriteAccess = Probing')}
    DISK
    {
      BackendType = local${plugin('File', 'file', join(folder, 'disk'))}
    }
    GRID
    {
      BackendType = Eos${plugin('GFAL2_SRM2', 'srm', '/eos')}${plugin('GFAL2_XROOT', 'root', '/eos')}
    }
  }
}
`;
}
