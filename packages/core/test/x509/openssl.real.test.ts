import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCaDirectory } from '../../src/adapters/ca-directory/index.js';
import { judgeChain, parseProxyFile, type ChainVerdict, type TrustStore } from '../../src/x509/index.js';
import { make } from './maker/world.js';
import { strangeNames } from './maker/strange-names.js';

/** Chains made by the openssl program (scripts/make-grid-pki), judged as those of real users are: from files, with a CA directory. */
const script = fileURLToPath(new URL('../../../../scripts/make-grid-pki', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-pki-'));
const pki = join(directory, 'pki');
const alice = '/DC=ch/DC=example/O=Test Grid/OU=Users/CN=alice/CN=12345/CN=Alice Ex\\xC3\\xA4mple';
const quiet = () => undefined;
let trust: TrustStore;

beforeAll(async () => {
  execFileSync(script, [pki], { stdio: 'pipe' });
  const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  trust = await createCaDirectory({ path: join(pki, 'certificates'), logger, clock: { now: () => new Date() } }).current();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function judgeFile(file: string): ChainVerdict {
  return judgeChain(parseProxyFile(readFileSync(join(pki, file), 'utf8')).chain, { trust, now: new Date() });
}

interface Expected {
  readonly dn?: string;
  readonly group?: string | undefined;
  readonly isLimited?: boolean;
  readonly isProxy?: boolean;
}

const good: Readonly<Record<string, Expected>> = {
  'proxy.pem': { group: 'dirac_user' },
  'proxyca.pem': { group: 'dirac_user' },
  'proxyng.pem': { group: undefined },
  'limited.pem': { group: 'dirac_user', isLimited: true },
  'proxy2.pem': { group: 'dirac_user' },
  'proxy2adm.pem': { group: 'dirac_user' },
  'proxy2lim.pem': { group: 'dirac_user', isLimited: true },
  'limitedfull.pem': { group: 'dirac_user', isLimited: true },
  'pathlen0ok.pem': { group: 'dirac_user' },
  'user.pem': { group: undefined, isProxy: false },
  'userchain.pem': { group: undefined, isProxy: false },
  'host.pem': { group: undefined, isProxy: false, dn: '/DC=ch/DC=example/O=Test Grid/OU=hosts/CN=localhost' },
};

const bad: Readonly<Record<string, RegExp>> = {
  'independent.pem': /does not pass on the identity/,
  'pathlenviol.pem': /allows 0 proxies below it and has 1/,
  'baddn.pem': /its subject is not its issuer plus one CN/,
  'bad2cn.pem': /its subject is not its issuer plus one CN/,
  'badou.pem': /its subject is not its issuer plus one CN/,
  'noncritical.pem': /proxyCertInfo is not critical/,
  'caproxy.pem': /it is a proxy and a CA/,
  'sanproxy.pem': /it is a proxy with an alternative name/,
  'eecasca.pem': /behind .*: it is not a CA/,
  'nods.pem': /CN=nods: its keyUsage lacks digitalSignature/,
  'rogue.pem': /the revocation list of .*Sub CA is no good: its signature is not by the key/,
  'rogue_noca.pem': /its signature is not by the key of its issuer/,
  'expired.pem': /it expired at 2020-01-02/,
  'leafonly.pem': /ends without the certificate of a user/,
  'shuffled.pem': /its issuer is not the subject of the next certificate/,
  'extrajunk.pem': /CN=bob, sent behind .*: it is not a CA/,
  'user2.pem': /CN=bob: it is revoked/,
  'selfsigned.pem': /it is a CA and nobody to act for/,
};

/** Files that hold no key, or are no chains. */
const others = ['ca-bundle.pem', 'hostchain.pem', 'root.crl.pem', 'sub.crl.pem'];

describe('chains made by openssl', () => {
  test.each(Object.entries(good))('%s is trusted', (file, expected) => {
    expect(judgeFile(file)).toMatchObject({ trusted: true, proof: { dn: alice, isLimited: false, isProxy: true, ...expected } });
  });

  test.each(Object.entries(bad))('%s is refused', (file, reason) => {
    expect(judgeFile(file)).toEqual({ trusted: false, reason: expect.stringMatching(reason) });
  });

  test('are all judged here', () => {
    const files = readdirSync(pki).filter((file) => file.endsWith('.pem'));
    expect(files.sort()).toEqual([...Object.keys(good), ...Object.keys(bad), ...others].sort());
  });

  test('are in a CA directory of which everything is usable', () => {
    expect(trust).toEqual({ authorityCount: 2, revocationCount: 2, unusable: [] });
  });
});

describe('the openssl program agrees with the recorded texts of names:', () => {
  const recorded = JSON.parse(readFileSync(new URL('vectors/one-line.json', import.meta.url), 'utf8')) as Record<string, string>;

  test.each(Object.entries(strangeNames))('%s', (label, subject) => {
    const args = ['x509', '-inform', 'DER', '-noout', '-subject', '-nameopt', 'compat'];
    const output = execFileSync('openssl', args, { input: make('user', { subject }), encoding: 'latin1' });
    expect(output).toBe(`subject=${recorded[label]!}\n`);
  });
});
