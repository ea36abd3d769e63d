import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '@dirac-s3/core';
import { findGridCredentials } from '@dirac-s3/core/config';
import { issue, keyPemOf } from '../../../core/test/dirac-protocol/pki.js';
import { findCredential, type Credential, type CredentialSources } from '../../src/credentials/find-credential.js';

const userId = process.geteuid?.() ?? 0;
const authority = issue('Authority', { ca: true });
const user = issue('alice', { issuer: authority });
const pem = user.certPem + keyPemOf(user);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dirac-s3-credential-'));
  for (const name of ['cas', 'tmp', 'run']) await mkdir(join(directory, name));
  await writeFile(join(directory, 'cas', '00000000.0'), authority.certPem);
});
afterEach(() => rm(directory, { recursive: true }));

const file = async (name: string, content = pem, mode = 0o600): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
};

interface Given extends Partial<CredentialSources> {
  readonly env?: Record<string, string>;
  readonly useTokens?: boolean;
}

function find({ env = {}, useTokens = false, ...more }: Given = {}): Promise<Credential> {
  const security = {
    ...{ useServerCertificate: false, useTokens, certFile: undefined, keyFile: undefined, gridSecurity: undefined },
    caLocation: join(directory, 'cas'),
  };
  const temporaryDirectory = join(directory, 'tmp');
  return findCredential({
    places: findGridCredentials({ security, env, userId, temporaryDirectory }),
    ...{ bearerToken: undefined, bearerTokenFile: undefined, runtimeDirectory: join(directory, 'run'), temporaryDirectory, userId },
    login: () => Promise.resolve(undefined),
    clock: { now: () => new Date() },
    ...more,
  });
}

describe('which credential counts', () => {
  it('is the option, then the environment, then what lies there; a proxy before a token at each step', async () => {
    await file(`tmp/bt_u${userId}`, 'lying-token');
    expect(await find()).toMatchObject({ kind: 'token', from: join(directory, `tmp/bt_u${userId}`) });
    const lying = await file(`tmp/x509up_u${userId}`);
    expect(await find()).toMatchObject({ kind: 'proxy', file: lying, from: 'the usual place' });
    const login = () => Promise.resolve({ kind: 'token', from: 'login', token: () => Promise.resolve(new Secret('x')) } as const);
    expect(await find({ login })).toMatchObject({ kind: 'token', from: 'login' });
    expect(await find({ login, bearerToken: 'given' })).toMatchObject({ kind: 'token', from: 'BEARER_TOKEN' });
    const env = { X509_USER_PROXY: await file('named') };
    expect(await find({ login, bearerToken: 'given', env })).toMatchObject({ kind: 'proxy', file: env.X509_USER_PROXY });
    const tokenFile = await file('token', 'optional');
    expect(await find({ login, env, tokenFile })).toMatchObject({ kind: 'token', from: `--token-file ${tokenFile}` });
    const proxyFile = await file('optional');
    expect(await find({ login, env, bearerToken: 'given', proxyFile })).toMatchObject({ kind: 'proxy', file: proxyFile, from: '--proxy' });
  });

  it('is no proxy that merely lies there where the configuration says UseTokens', async () => {
    await file(`tmp/x509up_u${userId}`);
    await file(`run/bt_u${userId}`, 'lying-token');
    expect(await find({ useTokens: true })).toMatchObject({ kind: 'token' });
    expect(await find({ useTokens: true, proxyFile: await file('named') })).toMatchObject({ kind: 'proxy' });
  });

  it('is not two options at a time', async () => {
    await expect(find({ proxyFile: '/a', tokenFile: '/b' })).rejects.toThrow(/exclude each other/);
  });

  it('is nothing where nothing is, saying where it was looked for', async () => {
    const ways = `^there is neither a login \\(dirac-s3 login\\), nor a proxy \\(--proxy, .*x509up_u${userId}\\), nor a token \\(--token-file, .*bt_u`;
    await expect(find()).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(ways) });
  });
});

describe('a proxy', () => {
  it('says whose it is', async () => {
    const found = await find({ proxyFile: await file('proxy') });
    expect(found).toMatchObject({ kind: 'proxy', proof: { dn: '/CN=alice', isProxy: false, group: undefined } });
    expect(JSON.stringify(found)).not.toContain('PRIVATE');
  });

  it.each([0o644, 0o640, 0o604, 0o660, 0o666])('of mode %o is refused, even beside a good token', async (mode) => {
    const path = await file(`tmp/x509up_u${userId}`, pem, mode);
    await file(`tmp/bt_u${userId}`, 'lying-token');
    await expect(find()).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringMatching(`${path} can be read .*chmod 600`),
    });
  });

  it.each<[string, () => string, RegExp]>([
    [
      'out of date',
      () => ((old) => old.certPem + keyPemOf(old))(issue('old', { issuer: authority, expired: true })),
      /is out of date since/,
    ],
    ['of an unknown authority', () => ((own) => own.certPem + keyPemOf(own))(issue('eve')), /is not accepted/],
    ['with the key of another', () => user.certPem + keyPemOf(authority), /private key is not that of the first certificate/],
    ['without a key', () => user.certPem, /0 private keys/],
    ['cut in the middle', () => pem.slice(0, 300), /PEM block is not whole/],
  ])('%s is refused with the file and the fault', async (_, content, fault) => {
    const path = await file('proxy', content());
    await expect(find({ proxyFile: path })).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringMatching(fault) });
    await expect(find({ proxyFile: path })).rejects.toThrow(path);
  });

  it('of another user is refused, and so is a name where there is nothing', async () => {
    const path = await file('proxy');
    await expect(find({ proxyFile: path, userId: userId + 1 })).rejects.toThrow(/belongs to another user/);
    await expect(find({ proxyFile: join(directory, 'none') })).rejects.toThrow(/does not exist/);
  });
});
