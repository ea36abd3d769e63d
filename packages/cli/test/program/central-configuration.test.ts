import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sError, sOk, type DiracResult } from '@dirac-s3/core/dirac-protocol';
import { keyPemOf } from '../../../core/test/dirac-protocol/pki.js';
import { converse, makePki, startDisetStub, startHttpsStub, type Asked, type Stub } from '../../../core/test/dirac-protocol/stubs.js';
import { runCli, type Run } from './run-cli.js';

const pki = makePki();
const central = `DIRAC
{
  Configuration
  {
    Version = 2026-11-23 10:00:00.000001
  }
}
Resources
{
  StorageElements
  {
    CENTRAL-S3
    {
      S3
      {
        Protocol = s3
        Access = remote
        Host = s3.example.org
        Path = bucket
      }
    }
  }
}
`;
let home: string;
let closing: (() => unknown)[];

beforeEach(async () => {
  closing = [];
  home = await mkdtemp(join(tmpdir(), 'dirac-s3-cli-'));
  await mkdir(join(home, 'cas'));
  for (const [index, pem] of pki.caPem.entries()) await writeFile(join(home, 'cas', `0000000${index}.0`), pem);
  await writeFile(join(home, 'proxy'), pki.user.certPem + keyPemOf(pki.user), { mode: 0o600 });
  await writeFile(join(home, 'hostcert.pem'), pki.host.certPem);
  await writeFile(join(home, 'hostkey.pem'), keyPemOf(pki.host), { mode: 0o600 });
});
afterEach(async () => {
  for (const close of closing) await close();
  await rm(home, { recursive: true });
});

const answer = ({ method, args }: Asked): DiracResult => {
  if (method !== 'getCompressedDataIfNewer' || args[0] !== '0') return sError(0, 'not what was expected');
  return sOk({ newestVersion: '2026-11-23 10:00:00.000001', data: new Uint8Array(deflateSync(central)) });
};

async function disetServer(asked: Asked[]): Promise<string> {
  const stub = await startDisetStub({ pki, serve: converse(asked, answer) });
  closing.push(() => stub.close());
  return `dips://localhost:${stub.port}/Configuration/Server`;
}

async function httpsServer(): Promise<Stub> {
  const stub = await startHttpsStub({
    pki,
    answer: (asked) => {
      const result = answer(asked);
      const { data } = (result.OK ? result.Value : {}) as { data: Uint8Array };
      return result.OK ? sOk({ newestVersion: '2026', data: Buffer.from(data).toString('base64') }) : result;
    },
  });
  closing.push(() => stub.close());
  return stub;
}

const elements = async (servers: string, more = '', env: Record<string, string> = {}): Promise<Run> => {
  const text = `DIRAC\n{\nConfiguration\n{\nServers = ${servers}\n}\nSecurity\n{\nCALocation = ${home}/cas\n${more}\n}\n}\n`;
  await writeFile(join(home, 'client.cfg'), text);
  return runCli(['se', 'list', '--cfg', join(home, 'client.cfg')], { cwd: home, env: { X509_USER_PROXY: join(home, 'proxy'), ...env } });
};

describe('the central configuration', () => {
  it('is fetched with the proxy of the user', async () => {
    const asked: Asked[] = [];
    const { code, stdout, stderr } = await elements(await disetServer(asked));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('CENTRAL-S3');
    expect(asked).toMatchObject([{ service: 'Configuration/Server', peer: 'ciuser', extraCredentials: '' }]);
  });

  it('is fetched with the certificate of the host where the configuration says so', async () => {
    const asked: Asked[] = [];
    const host = `UseServerCertificate = yes\nCertFile = ${home}/hostcert.pem\nKeyFile = ${home}/hostkey.pem`;
    const { stdout } = await elements(await disetServer(asked), host);
    expect(stdout).toContain('CENTRAL-S3');
    expect(asked).toMatchObject([{ peer: 'dirac.example.org', extraCredentials: 'hosts' }]);
  });

  it('is fetched over https with a token where the configuration says so', async () => {
    const { url, asked } = await httpsServer();
    const { stdout } = await elements(url.replace(/\/Data.*/, ''), 'UseTokens = yes', { BEARER_TOKEN: 'abc.def.ghi' });
    expect(stdout).toContain('CENTRAL-S3');
    expect(asked).toMatchObject([{ service: 'Configuration/Server', peer: undefined, authorization: 'Bearer abc.def.ghi' }]);
  });

  it('stays below the local files', async () => {
    const text = 'Resources\n{\nStorageElements\n{\nCENTRAL-S3\n{\nS3\n{\nPath = local\n}\n}\n}\n}\n';
    await writeFile(join(home, '.dirac.cfg'), text);
    const { stdout } = await elements(await disetServer([]));
    expect(stdout).toMatch(/CENTRAL-S3.*local/);
  });

  it('that nobody hands out stops everything when there is nothing else, saying where it was looked for', async () => {
    const { code, stdout, stderr } = await elements('dips://localhost:1/Configuration/Server');
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(
      /DIRAC service unavailable: .*dips:\/\/localhost:1\/Configuration\/Server cannot be reached \(ECONNREFUSED\).*\(service-unavailable\)/,
    );
    expect(stderr).toContain('hint: the Configuration servers are those of /DIRAC/Configuration/Servers');
  });

  it('that nobody hands out is a warning when the files are enough', async () => {
    await writeFile(join(home, '.dirac.cfg'), central);
    const { code, stdout, stderr } = await elements('dips://localhost:1/Configuration/Server');
    expect(code).toBe(0);
    expect(stdout).toContain('CENTRAL-S3');
    expect(stderr).toMatch(/^dirac-s3: warning: .*the files are all there is: .*ECONNREFUSED/);
  });

  it('is not asked for with a proxy that others can read, nor without one', async () => {
    const url = await disetServer([]);
    await writeFile(join(home, 'open'), '', { mode: 0o644 });
    expect(await elements(url, '', { X509_USER_PROXY: join(home, 'open') })).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/the proxy .*open can be read or changed by others/),
    });
    expect((await elements(url, 'UseServerCertificate = yes')).stderr).toMatch(/there is no host certificate/);
  });
});
