import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { adler32 } from '@dirac-s3/core';
import { program, runCli, type Run } from './run-cli.js';
import { SampleGateway } from './sample-gateway.js';

const lfn = '/demo/a.bin';
const bytes = Buffer.alloc(100_000, 'content ');
let gateway: SampleGateway;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'dirac-s3-cli-'));
  gateway = await new SampleGateway().start();
  gateway.files.set(lfn, bytes);
  await writeFile(join(home, 'token'), gateway.token, { mode: 0o600 });
  await configure(`http://127.0.0.1:${gateway.port}`);
});
afterEach(async () => {
  await gateway.close();
  await rm(home, { recursive: true });
});

const configure = (gatewayUrl: string, more = ''): Promise<void> =>
  writeFile(
    join(home, '.dirac.cfg'),
    `DIRAC
{
  VirtualOrganization = demo
}
Systems
{
  DataManagement
  {
    URLs
    {
      S3Gateway = ${gatewayUrl}/DataManagement/S3Gateway
    }
  }
}
Resources
{
  StorageElements
  {
    DEMO-S3
    {
      BackendType = S3
      ReadAccess = Active
      S3
      {
        Protocol = s3
        Host = 127.0.0.1
        Port = ${gateway.port}
        Path = bucket
        SecureConnection = no
${more}
      }
    }
  }
}
`,
  );

const cli = (words: readonly string[], options: Parameters<typeof runCli>[1] = {}): Promise<Run> =>
  runCli(words, { cwd: home, ...options, env: { BEARER_TOKEN_FILE: join(home, 'token'), ...options.env } });

const dirac = async (name: string, words: readonly string[]): Promise<Run> => {
  await symlink(program, join(home, name));
  return cli(words, { program: join(home, name) });
};

describe('results', () => {
  it('print replicas as a table, failures on standard error, and end with 1', async () => {
    const { code, stdout, stderr } = await cli(['replicas', lfn, '/demo/none']);
    expect(code).toBe(1);
    expect(stdout).toBe(
      ['LFN         StorageElement URL', '==============================', `${lfn} DEMO-S3        ${gateway.pfnOf(lfn)}`, '', ''].join(
        '\n',
      ),
    );
    expect(stderr).toBe('dirac-s3: /demo/none: No such file or directory: said the catalog (no-such-file)\n');
  });

  it('print one JSON object for programs', async () => {
    gateway.forbidden.add('/demo/secret');
    const { code, stdout } = await cli(['replicas', '--json', lfn, '/demo/secret', '/demo/../x']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      successful: [{ lfn, replicas: [{ storageElement: 'DEMO-S3', pfn: gateway.pfnOf(lfn) }] }],
      failed: [
        { lfn: '/demo/secret', code: 'permission-denied', message: '/demo/secret: said the catalog' },
        { lfn: '/demo/../x', code: 'invalid-lfn', message: expect.stringContaining('".."') },
      ],
    });
    expect(gateway.requests).toHaveLength(1);
  });

  it('print metadata as Python does', async () => {
    const { stdout, code } = await cli(['meta', `LFN:${lfn}`]);
    expect(code).toBe(0);
    expect(stdout).toBe(`{'Failed': {},
 'Successful': {'/demo/a.bin': {'Checksum': '${adler32(bytes)}',
                                'ChecksumType': 'Adler32',
                                'CreationDate': datetime.datetime(2026, 11, 24, 4, 25, 33),
                                'GUID': 'C0191E52-67D5-044C-1F1A-69407BDDAE02',
                                'Mode': 448,
                                'ModificationDate': datetime.datetime(2026, 11, 24, 4, 25, 33),
                                'Owner': 'alice',
                                'OwnerGroup': 'demo_user',
                                'Size': 100000,
                                'Status': 'AprioriGood'}}}
`);
  });

  it('print metadata of a directory, without the dates that nobody knows', async () => {
    const { stdout, stderr, code } = await cli(['meta', '/demo', '/demo/none']);
    expect([code, stderr]).toEqual([1, 'dirac-s3: /demo/none: No such file or directory: said the catalog (no-such-file)\n']);
    expect(stdout).toBe(`{'Failed': {'/demo/none': 'No such file or directory: said the catalog'},
 'Successful': {'/demo': {'CreationDate': datetime.datetime(2026, 11, 24, 4, 25, 33),
                          'Mode': 493,
                          'Owner': 'alice',
                          'OwnerGroup': 'demo_user'}}}
`);
    const facts = { owner: 'alice', ownerGroup: 'demo_user', mode: 0o755, createdAt: '2026-11-24T04:25:33.000Z' };
    expect(JSON.parse((await cli(['meta', '/demo', '--json'])).stdout)).toEqual({
      successful: [{ lfn: '/demo', type: 'directory', ...facts }],
      failed: [],
    });
  });

  it('asks the catalog about directories only for names that are no file', async () => {
    await cli(['meta', lfn]);
    expect(gateway.requests).toEqual(['POST /api/v1/catalog/files/metadata']);
  });

  it('tell who one is, and which StorageElements there are', async () => {
    expect((await cli(['whoami'])).stdout).toBe(
      'user        alice\ngroup       demo_user\nvo          demo\nproperties  NormalUser\nproven by   token\n' +
        `shown       token\nfound by    BEARER_TOKEN_FILE ${home}/token\ncatalog     what the gateway has\n`,
    );
    const { stdout, code } = await cli(['se', 'list', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      storageElements: [{ name: 'DEMO-S3', access: 'via-gateway', bucket: 'bucket', endpoint: `http://127.0.0.1:${gateway.port}` }],
    });
    expect((await cli(['se', 'list'])).stdout).toMatch(/^DEMO-S3 +via-gateway +http:\S+ +bucket +Active/m);
  });
});

describe('se list', () => {
  it('tells what the gateway offers apart from what is configured', async () => {
    gateway.offered = ['OTHER-S3'];
    const { code, stdout } = await cli(['se', 'list', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      storageElements: [
        { name: 'DEMO-S3', access: 'not-offered' },
        { name: 'OTHER-S3', access: 'not-configured' },
      ],
    });
  });

  it('shows the configuration alone when the gateway does not answer, and ends with 4', async () => {
    await configure('http://127.0.0.1:1');
    const { code, stdout, stderr } = await cli(['se', 'list']);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^DEMO-S3 +via-gateway/m);
    expect(stderr).toContain('(gateway-unavailable)');
  });
});

describe('--as', () => {
  it('is refused where a token decides', async () => {
    const { code, stderr } = await cli(['whoami', '--as', 'alice:demo_user']);
    expect(code).toBe(2);
    expect(stderr).toContain('everybody else knows you by your proxy or token');
  });
});

describe('access URLs', () => {
  it('are presigned under our name, one alone on a line', async () => {
    const { stdout, code } = await cli(['url', lfn, 'DEMO-S3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${gateway.port}/bucket/demo/a\\.bin\\?X-Amz-Signature=5{64}\n$`));
  });

  it("are storage URLs under DIRAC's name, one answer for each LFN", async () => {
    const { stdout, code } = await dirac('dirac-dms-lfn-accessURL', [lfn, 'DEMO-S3']);
    const more = await cli([lfn, 'DEMO-S3', 's3', 'https'], { program: join(home, 'dirac-dms-lfn-accessURL') });
    expect(more).toEqual({ code, stdout, stderr: 'dirac-s3: warning: "https" is one word too many, and passed over\n' });
    expect(code).toBe(0);
    expect(stdout).toBe(`{'Failed': {},\n 'Successful': {'/demo/a.bin': '${gateway.pfnOf(lfn)}'}}\n`);
    expect(gateway.requests.some((request) => request.includes('presign'))).toBe(false);
  });

  it('refuse a protocol the StorageElement does not serve, and unknown StorageElements', async () => {
    const wrong = await cli(['url', lfn, 'DEMO-S3', 'https']);
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('serves s3 and http, not https (unsupported-protocol)');
    expect((await cli(['url', lfn, 'DEMO-S3', 'http'])).code).toBe(0);
    const unknown = await cli(['url', lfn, 'NO-SE']);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/NO-SE .*\(unknown-storage-element\)\ndirac-s3: hint: /);
  });
});

describe("DIRAC's layouts", () => {
  it('show a failed LFN in the table of replicas', async () => {
    const { stdout, code } = await dirac('dirac-dms-lfn-replicas', ['/demo/none']);
    expect(code).toBe(1);
    expect(stdout).toContain('/demo/none Unknown        No such file or directory: said the catalog\n');
  });

  it('hide replicas at banned StorageElements unless asked for all', async () => {
    const banned = ['-o', '/Resources/StorageElements/DEMO-S3/ReadAccess=Banned'];
    expect((await dirac('dirac-dms-lfn-replicas', [lfn, ...banned])).stdout).toBe('No output\n');
    expect((await cli([lfn, '-a', ...banned], { program: join(home, 'dirac-dms-lfn-replicas') })).stdout).toContain('DEMO-S3');
  });

  it('give the local paths of downloads', async () => {
    const { stdout, code } = await dirac('dirac-dms-get-file', [lfn]);
    expect(code).toBe(0);
    expect(stdout).toContain(`'Successful': {'/demo/a.bin': '`);
    expect(stdout).toContain(`${home}/a.bin'}}`);
  });
});

describe('downloads', () => {
  it('take the LFNs of a list', async () => {
    await writeFile(join(home, 'list'), `LFN:${lfn}\n\n/demo/none\n`);
    const { code, stdout } = await cli(['get', 'list', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      successful: [{ lfn, sizeBytes: bytes.length, verified: true }],
      failed: [{ lfn: '/demo/none' }],
    });
    expect(await readFile(join(home, 'a.bin'))).toEqual(bytes);
  });

  it('refuse two LFNs of one base name, and write neither', async () => {
    gateway.files.set('/demo/b/a.bin', bytes);
    const { code, stderr } = await cli(['get', lfn, '/demo/b/a.bin']);
    expect(code).toBe(1);
    expect(stderr).toContain('/demo/b/a.bin');
    expect(await readdir(home)).not.toContain('a.bin');
  });

  it('never overwrite unless told to', async () => {
    await writeFile(join(home, 'a.bin'), 'mine');
    expect((await cli(['get', lfn])).code).toBe(1);
    expect(await readFile(join(home, 'a.bin'), 'utf8')).toBe('mine');
    expect((await cli(['get', lfn, '--force'])).code).toBe(0);
    expect(await readFile(join(home, 'a.bin'))).toEqual(bytes);
  });

  it('leave nothing when interrupted, and end with 130', async () => {
    gateway.stalls = true;
    const { code, stderr } = await cli(['get', lfn, '-v'], { interruptAt: { text: 'presign', signal: 'SIGINT' } });
    expect(code).toBe(130);
    expect(stderr).toMatch(/dirac-s3: interrupted\n$/);
    expect((await readdir(home)).sort()).toEqual(['.dirac.cfg', 'token']);
  });
});

describe('faults of a whole run', () => {
  it('are 4 without a token, with a wrong one, and without a gateway', async () => {
    const none = await cli(['whoami'], { env: { BEARER_TOKEN_FILE: '', XDG_RUNTIME_DIR: home } });
    expect(none).toMatchObject({ code: 4, stdout: '' });
    expect(none.stderr).toMatch(/^dirac-s3: Not authenticated: there is neither a login .*--proxy.*--token-file.*\(unauthenticated\)\n$/);
    const wrong = await cli(['replicas', lfn], { env: { BEARER_TOKEN: 'wrong-token' } });
    expect(wrong.code).toBe(4);
    expect(wrong.stderr).not.toContain('wrong-token');
    await configure('http://127.0.0.1:1');
    expect(await cli(['whoami', '--quiet'])).toMatchObject({ code: 4, stderr: expect.stringMatching(/^[^\n]*gateway-unavailable\)\n$/) });
  });

  it('are 3 for a wrong configuration, which is named', async () => {
    const { code, stderr } = await cli(['se', 'list', '--cfg', 'none.cfg']);
    expect(code).toBe(3);
    expect(stderr).toContain('none.cfg');
    expect((await cli(['se', 'list', '-o', 'nonsense'])).code).toBe(3);
  });

  it('are 2 for wrong usage', async () => {
    for (const words of [
      ['put', 'none.txt'],
      ['get'],
      ['nosuch'],
      ['get', lfn, '--parallel', '0'],
      ['url', lfn, 'DEMO-S3', '--expires', '-1'],
    ]) {
      expect({ words, ...(await cli(words)) }).toMatchObject({ words, code: 2, stdout: '' });
    }
  });

  it('are one JSON object where JSON was asked for', async () => {
    const { code, stdout } = await cli(['whoami', '--json'], { env: { BEARER_TOKEN: 'wrong-token' } });
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'unauthenticated', message: expect.stringContaining('sample gateway') },
      credential: { kind: 'token', from: 'BEARER_TOKEN' },
    });
  });

  it('are none when nobody reads the output', async () => {
    expect(await cli(['replicas', lfn], { closeOutput: true })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a warning everybody should see', () => {
  const broken = `      }
    }
    BROKEN-S3
    {
      S3
      {
        Path = bucket
`;

  it('is that a StorageElement is not used', async () => {
    await configure(`http://127.0.0.1:${gateway.port}`, broken);
    const { stderr, code } = await cli(['whoami']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: .*BROKEN-S3\/S3\/Host.*StorageElement "BROKEN-S3" is not used/);
    expect(stderr).not.toMatch(/Access is neither|protocols/i);
  });

  it('is that a secret lies open, with how to hide it', async () => {
    const file = join(home, 'open.cfg');
    await writeFile(file, 'Mine\n{\n  Password = hunter2\n}\n');
    await chmod(file, 0o644);
    const { stderr, code } = await cli(['whoami', '--cfg', file]);
    expect(code).toBe(0);
    expect(stderr).toContain(`run: chmod 600 ${file}`);
    expect(stderr).not.toContain('hunter2');
  });

  it('is not shown with --quiet', async () => {
    await configure(`http://127.0.0.1:${gateway.port}`, broken);
    expect(await cli(['whoami', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('--verbose', () => {
  it('shows requests without signatures or tokens, and what is odd about the configuration', async () => {
    await configure(`http://127.0.0.1:${gateway.port}`, '        Regoin = here');
    const { stderr, code } = await cli(['get', lfn, '--verbose']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/GET http:\/\/127\.0\.0\.1:\d+\/bucket\/demo\/a\.bin\?X-Amz-Signature=REDACTED -> 200/);
    expect(stderr).toMatch(/POST \S+\/api\/v1\/presign -> 200/);
    expect(stderr).toMatch(/warning: .*Regoin.*did you mean Region/);
    expect(stderr).not.toMatch(/5{64}|sample-token/);
  });
});
