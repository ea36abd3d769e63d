import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCaDirectory, type CaDirectory } from '../../../src/adapters/ca-directory/index.js';
import type { Logger } from '../../../src/ports/index.js';
import { decodePem, encodePem, judgeChain } from '../../../src/x509/index.js';
import { fixedClock, type FixedClock } from '../../../src/testing/index.js';
import { revokedEntry } from '../../x509/maker/certificate.js';
import { integer } from '../../x509/maker/der-writer.js';
import { name } from '../../x509/maker/names.js';
import { make, makeList, makeWorld, now } from '../../x509/maker/world.js';

const world = makeWorld();
const certificate = (der: Buffer) => encodePem('CERTIFICATE', der);
const crl = (der: Buffer) => encodePem('X509 CRL', der);
const revoking = crl(makeList({ entries: [revokedEntry(integer(11))] }));

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

let path: string;
let clock: FixedClock;
let lines: Line[];
let directory: CaDirectory;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'dirac-s3-ca-')), 'certificates');
  mkdirSync(path);
  write('11111111.0', certificate(world.root));
  write('22222222.0', certificate(world.sub));
  clock = fixedClock(now);
  lines = [];
  directory = createCaDirectory({ path, logger: recorder(), clock, checkIntervalSeconds: 60 });
});
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

function recorder(): Logger {
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => void lines.push({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function write(file: string, contents: string | Buffer): void {
  writeFileSync(join(path, file), contents);
}

/** As fetch-crl does it: a new file, renamed into the place of the old. */
function replace(file: string, contents: string): void {
  write(`${file}.new`, contents);
  renameSync(join(path, `${file}.new`), join(path, file));
}

function replaceDirectory(make: () => void): void {
  rmSync(path, { recursive: true });
  make();
}

async function reasonFor(): Promise<string | undefined> {
  const verdict = judgeChain([world.first, world.user], { trust: await directory.current(), now: clock.now() });
  return verdict.trusted ? undefined : verdict.reason;
}

async function reasonLater(): Promise<string | undefined> {
  clock.advanceSeconds(60);
  return reasonFor();
}

const problems = () => lines.filter(({ level }) => level === 'warn' || level === 'error');

describe('a CA directory', () => {
  test('is read on demand, and trusted', async () => {
    expect(directory.status()).toEqual({ loadedAt: undefined, fault: undefined });
    expect(await reasonFor()).toBeUndefined();
    expect(directory.status()).toEqual({ loadedAt: now, fault: undefined });
    expect(lines).toEqual([{ level: 'info', message: 'CA directory read', fields: { path, authorities: 2, revocationLists: 0 } }]);
  });

  test('holds authorities and lists in DER or PEM, with text around, under any number', async () => {
    write('11111111.0', world.root);
    write('22222222.0', `subject=CN=Sub CA\n${certificate(make('sub', { key: 'P-256:other' }))}\nmore\n${certificate(world.sub)}`);
    write('22222222.12', certificate(make('sub', { subject: name('CN=Another') })));
    write('11111111.r0', makeList({ issuer: Buffer.from(name('CN=x')) }));
    write('22222222.r7', crl(makeList()));
    expect(await directory.current()).toEqual({ authorityCount: 4, revocationCount: 2, unusable: [] });
    expect(problems()).toEqual([]);
  });

  test.each([
    'ca.pem',
    '1111111.0',
    '111111111.0',
    'GGGGGGGG.0',
    '11111111',
    '11111111.0.bak',
    '11111111.r',
    '11111111.namespaces',
    '.11111111.0',
    '11111111.R0',
  ])('does not look at %s', async (file) => {
    write(file, 'rubbish');
    expect(await directory.current()).toMatchObject({ authorityCount: 2 });
    expect(problems()).toEqual([]);
  });

  test('follows links, as authorities are usually installed', async () => {
    renameSync(join(path, '11111111.0'), join(path, 'Root.pem'));
    symlinkSync('Root.pem', join(path, '11111111.0'));
    symlinkSync('Root.pem', join(path, '99999999.0'));
    expect(await directory.current()).toMatchObject({ authorityCount: 2 });
  });

  test('gives its authorities as PEM for TLS, each once', async () => {
    write('99999999.0', certificate(world.root));
    write('33333333.0', 'rubbish');
    expect(decodePem(await directory.authoritiesPem(), 'CERTIFICATE')).toEqual([world.root, world.sub]);
  });
});

describe('a change of the directory', () => {
  test('is seen at the next look, and a look is taken once per interval', async () => {
    await directory.current();
    replace('22222222.r0', revoking);
    expect(await reasonFor()).toBeUndefined();
    clock.advanceSeconds(59);
    expect(await reasonFor()).toBeUndefined();
    clock.advanceSeconds(1);
    expect(await reasonFor()).toMatch(/it is revoked/);
  });

  test('is no reason for another store when there was none', async () => {
    const first = await directory.current();
    clock.advanceSeconds(3600);
    expect(await directory.current()).toBe(first);
    expect(lines).toHaveLength(1);
  });

  test('is looked for once, however many ask at a time', async () => {
    const stores = await Promise.all(Array.from({ length: 20 }, () => directory.current()));
    expect(new Set(stores).size).toBe(1);
    expect(lines).toHaveLength(1);
  });

  test('is looked for although the clock was set back', async () => {
    await directory.current();
    write('22222222.r0', revoking);
    clock.advanceSeconds(-7200);
    expect(await reasonFor()).toMatch(/it is revoked|not valid before/);
  });

  test('is every 60 seconds when nothing is said', async () => {
    directory = createCaDirectory({ path, logger: recorder(), clock });
    await directory.current();
    write('22222222.r0', revoking);
    clock.advanceSeconds(59);
    expect(await reasonFor()).toBeUndefined();
    clock.advanceSeconds(1);
    expect(await reasonFor()).toMatch(/it is revoked/);
  });

  test('lists come, are replaced by rename with the same size and time, and go', async () => {
    write('22222222.r0', crl(makeList({ entries: [revokedEntry(integer(12))] })));
    utimesSync(join(path, '22222222.r0'), now, now);
    expect(await reasonFor()).toBeUndefined();
    replace('22222222.r0', revoking);
    utimesSync(join(path, '22222222.r0'), now, now);
    expect(await reasonLater()).toMatch(/it is revoked/);
    unlinkSync(join(path, '22222222.r0'));
    expect(await reasonLater()).toBeUndefined();
    expect(problems()).toEqual([]);
  });

  test('an authority that was taken out is trusted no more', async () => {
    expect(await reasonFor()).toBeUndefined();
    unlinkSync(join(path, '22222222.0'));
    expect(await reasonLater()).toMatch(/CN=Sub CA is no authority of the CA directory/);
  });

  test('an authority that was put in is trusted', async () => {
    unlinkSync(join(path, '22222222.0'));
    expect(await reasonFor()).toMatch(/CN=Sub CA is no authority/);
    write('22222222.0', certificate(world.sub));
    expect(await reasonLater()).toBeUndefined();
  });
});

describe('a file that cannot be used', () => {
  const halfOf = (text: string) => text.slice(0, text.length / 2);

  test('a list half written leaves the one before in force, and is said once', async () => {
    write('22222222.r0', revoking);
    expect(await reasonFor()).toMatch(/it is revoked/);
    write('22222222.r0', halfOf(crl(makeList())));
    expect(await reasonLater()).toMatch(/it is revoked/);
    expect(await reasonLater()).toMatch(/it is revoked/);
    expect(problems()).toEqual([
      {
        level: 'warn',
        message: 'a file of the CA directory is unusable',
        fields: { path, file: '22222222.r0', fault: 'a PEM block is not whole', previousInForce: true },
      },
    ]);
  });

  test('and written to its end, counts', async () => {
    write('22222222.r0', halfOf(revoking));
    expect(await reasonFor()).toMatch(/no good: it cannot be read/);
    write('22222222.r0', crl(makeList()));
    expect(await reasonLater()).toBeUndefined();
  });

  test.each<[string, string | Buffer]>([
    ['empty', ''],
    ['text', 'not found'],
    ['a certificate', certificate(world.sub)],
    ['DER cut off', makeList().subarray(0, 100)],
    ['a PEM block of rubbish', crl(Buffer.from('rubbish'))],
  ])('a list that never was one (%s) speaks against its authority', async (_, contents) => {
    write('22222222.r0', contents);
    expect(await reasonFor()).toMatch(/the revocation list of .*CN=Sub CA is no good: it cannot be read/);
    expect(problems()).toHaveLength(1);
  });

  test('a list that is a link to nowhere speaks against its authority', async () => {
    symlinkSync('/nowhere/at/all', join(path, '22222222.r0'));
    expect(await reasonFor()).toMatch(/no good: it cannot be read/);
    expect(problems()[0]!.fields).toMatchObject({ file: '22222222.r0', fault: 'it cannot be read (ENOENT)' });
  });

  test('a list without an authority of its hash speaks against nobody', async () => {
    write('33333333.r0', 'rubbish');
    expect(await reasonFor()).toBeUndefined();
  });

  test('an authority half written is left as it was', async () => {
    expect(await reasonFor()).toBeUndefined();
    write('22222222.0', halfOf(certificate(world.sub)));
    expect(await reasonLater()).toBeUndefined();
    expect(problems()).toMatchObject([{ level: 'warn', fields: { file: '22222222.0', previousInForce: true } }]);
  });

  test.each<[string, string, RegExp]>([
    ['a user certificate', certificate(world.user), /it is not a CA/],
    ['a trusted certificate of OpenSSL', encodePem('TRUSTED CERTIFICATE', world.root), /it holds a block TRUSTED CERTIFICATE/],
    ['rubbish', 'rubbish', /./],
    ['too large', 'x'.repeat(1024 * 1024 + 1), /larger than 1048576 bytes/],
  ])('an authority that never was one (%s) is said and left out', async (_, contents, fault) => {
    write('33333333.0', contents);
    expect(await reasonFor()).toBeUndefined();
    expect(problems()).toMatchObject([
      { level: 'warn', fields: { file: '33333333.0', fault: expect.stringMatching(fault), previousInForce: false } },
    ]);
  });

  test('a directory or a socket under such a name is not opened', async () => {
    mkdirSync(join(path, '33333333.0'));
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(path, '44444444.0'), resolve));
    expect(await reasonFor()).toBeUndefined();
    await new Promise((resolve) => socket.close(resolve));
    expect(problems().map(({ fields }) => fields.fault)).toEqual(['it is no regular file', 'it is no regular file']);
  });
});

describe('a directory that cannot be used', () => {
  test('leaves the last good state in force, says so once, and says so in the status', async () => {
    const before = await directory.current();
    const pem = await directory.authoritiesPem();
    renameSync(path, `${path}.away`);
    expect(await reasonLater()).toBeUndefined();
    expect(await reasonLater()).toBeUndefined();
    expect(await directory.current()).toBe(before);
    expect(await directory.authoritiesPem()).toBe(pem);
    expect(directory.status()).toEqual({ loadedAt: now, fault: 'it cannot be read (ENOENT)' });
    expect(problems()).toEqual([
      { level: 'error', message: 'the CA directory cannot be used', fields: { path, fault: 'it cannot be read (ENOENT)', lastGood: now } },
    ]);
  });

  test('is in force again when it is back', async () => {
    await directory.current();
    renameSync(path, `${path}.away`);
    await reasonLater();
    renameSync(`${path}.away`, path);
    write('22222222.r0', revoking);
    expect(await reasonLater()).toMatch(/it is revoked/);
    expect(directory.status()).toEqual({ loadedAt: clock.now(), fault: undefined });
  });

  test('is one without any authority, too', async () => {
    await directory.current();
    unlinkSync(join(path, '11111111.0'));
    unlinkSync(join(path, '22222222.0'));
    expect(await reasonLater()).toBeUndefined();
    expect(directory.status().fault).toBe('it holds no usable authority');
  });

  test.each<[string, () => void, string]>([
    ['absent', () => rmSync(path, { recursive: true }), 'it cannot be read (ENOENT)'],
    ['a file', () => replaceDirectory(() => writeFileSync(path, '')), 'it cannot be read (ENOTDIR)'],
    ['empty', () => replaceDirectory(() => mkdirSync(path)), 'it holds no usable authority'],
  ])('and never was (%s) trusts nobody', async (_, spoil, fault) => {
    spoil();
    const refusal = { code: 'invalid-configuration', message: `CA directory ${path}: ${fault}` };
    await expect(directory.current()).rejects.toMatchObject(refusal);
    await expect(directory.authoritiesPem()).rejects.toMatchObject(refusal);
    expect(directory.status()).toEqual({ loadedAt: undefined, fault });
    expect(problems()).toHaveLength(1);
  });

  test('is read at last when it comes', async () => {
    renameSync(path, `${path}.away`);
    await expect(directory.current()).rejects.toThrow('ENOENT');
    renameSync(`${path}.away`, path);
    clock.advanceSeconds(60);
    expect(await directory.current()).toMatchObject({ authorityCount: 2 });
  });
});
