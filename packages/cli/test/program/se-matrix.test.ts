import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { program, runCli, type Run } from './run-cli.js';

let folder: string;

/** Sections as a CFG text; a value is an option. */
interface Sections {
  readonly [name: string]: string | Sections;
}
const cfgText = (sections: Sections): string =>
  Object.entries(sections)
    .map(([name, value]) => (typeof value === 'string' ? `${name} = ${value}\n` : `${name}\n{\n${cfgText(value)}}\n`))
    .join('');
const plugin = (PluginName: string, Protocol: string): Sections => ({ PluginName, Protocol, Access: 'remote', Host: 'h', Path: '/p' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dirac-s3-matrix-'));
  const cfg = cfgText({
    DIRAC: { VirtualOrganization: 'demo' },
    Registry: {
      Users: { alice: { DN: '/CN=alice' } },
      Groups: { demo_user: { Users: 'alice', Properties: 'NormalUser', VO: 'demo' } },
    },
    Operations: {
      Defaults: {
        DataManagement: {
          ThirdPartyProtocols: 'https, s3, root',
          AccessProtocols: 's3, https, root',
          WriteProtocols: 's3, https, root',
          MultiHopMatrixOfShame: { Default: { 'CERN-S3': 'IN2P3-DST' } },
        },
      },
    },
    Resources: {
      FileCatalogs: { FileCatalog: { CatalogType: 'Sqlite', Path: join(folder, 'catalog.db') } },
      StorageElementGroups: { DISKS: 'AnotherDisk, IN2P3-User' },
      StorageElementBases: { 'IN2P3-Disk': { Https: plugin('GFAL2_HTTPS', 'https'), Xroot: plugin('GFAL2_XROOT', 'root') } },
      StorageElements: {
        'IN2P3-DST': { BaseSE: 'IN2P3-Disk' },
        'IN2P3-User': { BaseSE: 'IN2P3-Disk' },
        AnotherDisk: { Xroot: plugin('GFAL2_XROOT', 'root') },
        'CERN-S3': { S3: { ...plugin('S3', 's3'), Path: 'bucket' } },
      },
    },
  });
  await writeFile(join(folder, '.dirac.cfg'), cfg);
  await symlink(program, join(folder, 'dirac-dms-protocol-matrix'));
});
afterAll(() => rm(folder, { recursive: true }));

const cli = (words: readonly string[], options: Parameters<typeof runCli>[1] = {}): Promise<Run> =>
  runCli(words, { cwd: folder, ...options, env: { DIRAC_S3_IDENTITY: 'alice:demo_user', TMPDIR: folder } });
const dirac = (...words: string[]): Promise<Run> => cli(words, { program: join(folder, 'dirac-dms-protocol-matrix') });
const csv = (...rows: string[]): string => rows.map((row) => `${row}\r\n`).join('');

describe('se matrix', () => {
  it('shows who can send to whom in tables', async () => {
    const { code, stdout, stderr } = await cli(['se', 'matrix', '--from', 'DISKS', '--to', 'CERN-S3,AnotherDisk', '--tpc', '--multihop']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'Direct TPC',
        'from / to   AnotherDisk CERN-S3',
        '===============================',
        'AnotherDisk root        -',
        'IN2P3-User  root        -',
        '',
        'Multihop',
        'from / to   AnotherDisk CERN-S3',
        '===============================',
        'AnotherDisk -           IN2P3-DST',
        'IN2P3-User  -           IN2P3-DST',
        '',
        '',
      ].join('\n'),
    );
  });

  it('is one JSON object, of all protocols, in which a base stands for its StorageElements', async () => {
    const { stdout } = await cli(['se', 'matrix', '--without', 'AnotherDisk', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      sources: ['CERN-S3', 'IN2P3-Disk'],
      targets: ['CERN-S3', 'IN2P3-Disk'],
      routes: [
        { source: 'CERN-S3', target: 'CERN-S3', thirdParty: [], hop: 'IN2P3-DST' },
        { source: 'CERN-S3', target: 'IN2P3-Disk', thirdParty: ['https'], service: ['s3', 'https'] },
        { source: 'IN2P3-Disk', target: 'CERN-S3', thirdParty: [], hop: 'IN2P3-DST' },
        { source: 'IN2P3-Disk', target: 'IN2P3-Disk', thirdParty: ['https', 'root'], service: ['https', 'https'] },
      ],
    });
  });

  it('refuses a name nobody knows', async () => {
    const { code, stdout, stderr } = await cli(['se', 'matrix', '--from', 'NOWHERE']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('NOWHERE is neither a StorageElement nor a base of one');
  });
});

describe('dirac-dms-protocol-matrix', () => {
  it("says what DIRAC's does, and writes its file where DIRAC's does", async () => {
    const { code, stdout } = await dirac('--FromSE=CERN-S3,AnotherDisk', '--Bidirection');
    expect(code).toBe(0);
    const fault = (from: string, to: string): string =>
      `Could not generate transfer URLS src:${from}, dst:${to}, error:Could not find a protocol between source ${from} and target ${to}`;
    expect(stdout.split('\n')).toEqual([
      'Using sources: AnotherDisk,CERN-S3',
      'Using target: AnotherDisk,CERN-S3',
      'Using the Virtual Organization: demo',
      fault('AnotherDisk', 'CERN-S3'),
      fault('CERN-S3', 'AnotherDisk'),
      fault('CERN-S3', 'CERN-S3'),
      `Wrote Matrix to ${folder}/protocol-matrix.csv`,
      '',
    ]);
    const header = 'src/dst;AnotherDisk;CERN-S3';
    expect(await readFile(join(folder, 'protocol-matrix.csv'), 'utf8')).toBe(
      csv('Direct TPC', header, 'AnotherDisk;root;', 'CERN-S3;;', '', '', '') +
        csv('FTS3 transfers', header, 'AnotherDisk;root/root;Error', 'CERN-S3;Error;Error', '', '', '') +
        csv('Multihop', header, 'AnotherDisk;;IN2P3-DST', 'CERN-S3;;IN2P3-DST', '', '', ''),
    );
  });

  it('shows of blocks what it is asked for, and each StorageElement with --Full', async () => {
    const { code } = await dirac('--TPC', '--Full', '--TargetSE=IN2P3-DST', '--ExcludeSE', 'CERN-S3', '--OutputFile', 'full.csv');
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'full.csv'), 'utf8')).toBe(
      csv('Direct TPC', 'src/dst;IN2P3-DST', 'AnotherDisk;root', 'IN2P3-DST;https,root', 'IN2P3-User;https,root', '', '', ''),
    );
  });

  it('writes through no link, and says where it cannot write', async () => {
    await writeFile(join(folder, 'mine'), 'mine');
    await symlink('mine', join(folder, 'link.csv'));
    for (const file of ['link.csv', 'no/such/directory.csv'])
      expect(await dirac('--OutputFile', file)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining(`${file} cannot be written`),
      });
    expect(await readFile(join(folder, 'mine'), 'utf8')).toBe('mine');
    expect(await dirac('--OutputFile', 'no/such/file', '--dirac-exit-codes')).toMatchObject({ code: 1 });
  });
});
