import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issue, keyPemOf } from '../../../core/test/dirac-protocol/pki.js';
import { stopProgram } from '../../../../scripts/world/processes.mjs';
import { startGateway, startWorld } from '../../../../scripts/world/world.mjs';
import type { Run } from './run-cli.js';
import { WireTap } from './wire-tap.js';

type World = Awaited<ReturnType<typeof startWorld>>;
type Options = NonNullable<Parameters<World['cli']>[2]>;

const home = '/demo/user/a/alice';
/** Enough for an upload in parts. */
const largeBytes = 33 * 1024 * 1024;

/** What nobody may see, as it went over the wire, by the form it was written in. */
function secretsOn(wire: string): Record<'query' | 'credential' | 'form' | 'answer' | 'token' | 'upload', Set<string>> {
  const all = (pattern: RegExp): Set<string> => new Set([...wire.matchAll(pattern)].map(([, secret]) => decodeURIComponent(secret!)));
  return {
    query: all(/[?&]X-Amz-Signature=([0-9a-f]{64})/gi),
    credential: all(/[?&]X-Amz-Credential=([^&\s"]+)/gi),
    form: all(/name="(?:policy|x-amz-signature|x-amz-credential)"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)\r\n/gi),
    answer: all(/"(?:policy|x-amz-signature|x-amz-credential)":"([^"]+)"/gi),
    token: all(/^authorization: (?:Bearer )?([^\r\n]+)/gim),
    upload: all(/"uploadToken":"([^"]+)"/g),
  };
}

describe('--verbose shows every request, and nothing that would let anybody repeat it', () => {
  let world: World;
  let store: WireTap;
  let gateway: WireTap;
  let files = 0;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    world = await startWorld({
      elements: async ({ origin }) => {
        store = await WireTap.start(origin);
        closing.push(() => store.close());
        return { 'TAP-S3': { origin: store.origin }, 'WRITER-S3': { origin: store.origin, writeOnlyKey: true } };
      },
    });
    closing.push(() => world.close());
    gateway = await WireTap.start(world.gateways[0]!.url);
    closing.push(() => gateway.close());
    await world.files.setGatewayUrls([gateway.origin]);
  }, 120_000);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  /** Runs commands of every kind of request; each says what it did, and nothing secret. Gives what was shown. */
  async function transferWith(options: Options, more: readonly string[] = []): Promise<string> {
    const shown: string[] = [];
    const run = async (...words: string[]): Promise<Run> => {
      const ran = await world.cli('alice', [...words, ...more, '--verbose'], options);
      expect({ words, ...ran }).toMatchObject({ words, code: 0 });
      // Who has the keys asks nobody for a URL.
      if (words[0] !== 'url') expect(ran.stderr).toMatch(/(?:GET|HEAD|POST|PUT|DELETE) https?:\/\/\S+ -> \d{3}\n/);
      shown.push(ran.stderr, words[0] === 'url' ? '' : ran.stdout);
      return ran;
    };
    const [small, large, written] = [1, 2, 3].map(() => `verbose${++files}`) as [string, string, string];
    await writeFile(join(world.homes.alice.home, small), randomBytes(1000));
    await writeFile(join(world.homes.alice.home, written), randomBytes(1000));
    await writeFile(join(world.homes.alice.home, large), randomBytes(largeBytes));
    await run('put', `${home}/${small}`, small, 'TAP-S3');
    await run('put', `${home}/${written}`, written, 'WRITER-S3');
    // Smaller parts than for a store like Ceph.
    await run('put', `${home}/${large}`, large, 'WRITER-S3', '-o', '/Resources/StorageElements/WRITER-S3/S3/UnsignedHeaders=refused');
    await run('get', `${home}/${small}`, `${home}/${large}`, '--force');
    await run('se', 'stat', `${home}/${small}`, 'TAP-S3');
    await run('url', `${home}/${small}`, 'TAP-S3');
    await run('rm', `${home}/${small}`, `${home}/${large}`, `${home}/${written}`);
    return shown.join('');
  }

  /** Everything that is secret and went over the wire until now. */
  const expectSecret = (shown: string, more: readonly string[] = []): ReturnType<typeof secretsOn> => {
    const secrets = secretsOn(store.seen + gateway.seen);
    const { accessKeyId, secretAccessKey } = world.store.credentials;
    const { accessKeyId: writer, secretAccessKey: writerKey } = world.store.writeOnlyCredentials!;
    const known = [...Object.values(secrets).flatMap((some) => [...some]), secretAccessKey, writerKey, accessKeyId, writer, ...more];
    for (const secret of known) {
      expect(secret.length).toBeGreaterThan(7);
      for (const spelling of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        expect(shown.includes(spelling) ? `shows ${spelling}` : 'shows nothing').toBe('shows nothing');
    }
    expect(shown).not.toMatch(/Signature=(?!REDACTED)|Credential=(?!REDACTED)|Security-Token=(?!REDACTED)|Bearer (?!REDACTED)/i);
    return secrets;
  };

  it('with a token: URLs, the fields of forms and the headers of the gateway', async () => {
    const shown = await transferWith({});
    const secrets = expectSecret(shown, [(await readFile(world.homes.alice.tokenFile, 'utf8')).trim()]);
    // The run did come by all of them.
    for (const kind of ['query', 'credential', 'form', 'answer', 'token', 'upload'] as const)
      expect({ kind, found: secrets[kind].size > 0 }).toEqual({ kind, found: true });
    expect(shown).toMatch(/POST \S+\/api\/v1\/presign -> 200/);
    expect(shown).toMatch(/PUT \S+\/demo-data\/\S+uploadId=\S+ -> 200/);
    expect(shown).toMatch(/GET \S+X-Amz-Signature=REDACTED\S* -> 206/);
    expect(shown).toMatch(/HEAD \S+X-Amz-Signature=REDACTED\S* -> 404/);
  }, 120_000);

  it('with the keys of the StorageElements', async () => {
    const before = secretsOn(store.seen).query.size;
    const shown = await transferWith({ direct: true });
    expect(expectSecret(shown).query.size).toBeGreaterThan(before);
    expect(shown).not.toContain('/api/v1/');
  }, 120_000);

  it('with a grid proxy', async () => {
    const { proxyFile, keyLines, words } = await startGridGateway();
    const shown = await transferWith({ env: { BEARER_TOKEN_FILE: '', X509_USER_PROXY: proxyFile } }, words);
    expectSecret(shown, keyLines);
    expect(shown).toMatch(/POST https:\S+\/api\/v1\/presign -> 200/);
    const who = await world.cli('alice', ['whoami', '--verbose', ...words], { env: { BEARER_TOKEN_FILE: '', X509_USER_PROXY: proxyFile } });
    expect(who).toMatchObject({ code: 0, stdout: expect.stringMatching(/^user +alice\n[^]*shown +grid proxy/) });
    expectSecret(who.stderr + who.stdout, keyLines);
  }, 120_000);

  it('when requests fail: with a token that is refused, and at a store that refuses the keys', async () => {
    const token = 'a-token-that-nobody-gave';
    const refused = await world.cli('alice', ['get', `${home}/x`, '-v'], { env: { BEARER_TOKEN_FILE: '', BEARER_TOKEN: token } });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/POST \S+ -> 401\n/);
    expectSecret(refused.stderr, [token]);
    const wrong = 'a-key-that-nobody-has';
    const options = ['-o', `/Resources/StorageElements/TAP-S3/S3/Aws_secret_access_key=${wrong}`];
    await writeFile(join(world.homes.alice.home, 'refused'), randomBytes(100));
    const failed = await world.cli('alice', ['put', `${home}/refused`, 'refused', 'TAP-S3', '-v', ...options], { direct: true });
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/ -> 403\n/);
    expectSecret(failed.stderr + failed.stdout, [wrong]);
  });

  /** A gateway that asks for certificates, and the proxy of alice. */
  async function startGridGateway(): Promise<{ proxyFile: string; keyLines: string[]; words: string[] }> {
    const root = issue('Root', { ca: true });
    const server = issue('server', { issuer: root, hosts: ['localhost', '127.0.0.1'] });
    const user = issue('alice', { issuer: root });
    const at = (name: string): string => join(world.directory, name);
    await mkdir(at('cas'));
    await writeFile(at('cas/00000000.0'), root.certPem);
    await writeFile(at('server.pem'), server.certPem);
    await writeFile(at('server.key'), keyPemOf(server), { mode: 0o600 });
    await writeFile(at('proxy.pem'), user.certPem + keyPemOf(user), { mode: 0o600 });
    const registry = 'Registry\n{\n  DefaultGroup = demo_user\n  Users\n  {\n    alice\n    {\n      DN = /CN=alice\n    }\n  }\n}\n';
    const security = `DIRAC\n{\n  Security\n  {\n    CALocation = ${at('cas')}\n  }\n}\n`;
    const tls = `CertFile = ${at('server.pem')}\nKeyFile = ${at('server.key')}`;
    const service = `Systems\n{\nDataManagement\n{\nServices\n{\nS3Gateway\n{\n${tls}\n}\n}\n}\n}\n`;
    await writeFile(at('grid.cfg'), registry + security);
    await writeFile(at('tls.cfg'), service);
    const args = ['--cfg', world.files.gateway, '--cfg', at('grid.cfg'), '--cfg', at('tls.cfg')];
    const started = await startGateway(args, world.directory);
    closing.push(() => stopProgram(started.child));
    const url = `/Systems/DataManagement/URLs/S3Gateway=${started.url}/DataManagement/S3Gateway`;
    const keyLines = keyPemOf(user)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('-----'));
    return { proxyFile: at('proxy.pem'), keyLines, words: ['--cfg', at('grid.cfg'), '-o', url] };
  }
});
