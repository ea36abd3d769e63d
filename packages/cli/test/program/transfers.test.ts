import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { element, base, largeBytes, onePartMore, openTransferWorld, slowly, stopWhen, type TransferWorld } from './transfer-world.js';

let world: TransferWorld;
beforeAll(async () => {
  world = await openTransferWorld();
}, 120_000);
afterAll(() => world.close());
afterEach(() => {
  world.seen.parts.length = 0;
  world.seen.ranges.length = 0;
});

const all = [1, 2, 3, 4, 5];
/** An upload whose process was killed when the store had at least one part of it. */
const killedUpload = async (
  name: string,
  options: Parameters<TransferWorld['start']>[1] = {},
  more: readonly string[] = [],
): Promise<Buffer> => {
  const bytes = await world.makeFile(name);
  const running = world.start(['put', `${base}/${name}`, name, element, ...slowly, ...more], options);
  await stopWhen(running, onePartMore(world), 'SIGKILL');
  return bytes;
};
const journalLines = (name: string): number =>
  existsSync(join(world.home, name)) ? readFileSync(join(world.home, name), 'utf8').split('\n').length : 0;

describe.each([
  ['through the gateway', false],
  ['with the keys', true],
])('an upload %s that was killed', (_, direct) => {
  const name = direct ? 'direct.bin' : 'gateway.bin';
  const lfn = `${base}/${name}`;

  it('is listed, and resumed from anywhere with the parts the store does not have, and registered', async () => {
    const bytes = await killedUpload(name, { direct });
    const there = world.partsStored();
    expect(there.length).toBeGreaterThan(0);
    const [known, ...others] = await world.list();
    expect(others).toEqual([]);
    expect(known).toMatchObject({ direction: 'upload', state: 'stopped', lfn, path: join(world.home, name), sizeBytes: largeBytes });
    const sentBefore = [...world.seen.parts];
    world.seen.parts.length = 0;

    const { code, stdout, stderr } = await world.run(['transfers', 'resume', known!.id], { direct, cwd: '/' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${lfn} is at ${element}: ${largeBytes} bytes, Adler-32 [0-9a-f]{8}\n$`));
    expect([...world.seen.parts].sort()).toEqual(all.filter((number) => !there.includes(number)));
    // At most what was in flight was sent twice.
    const twice = sentBefore.filter((number) => world.seen.parts.includes(number));
    expect(twice.length).toBeLessThanOrEqual(sentBefore.length - there.length);
    expect(world.openUploads()).toEqual([]);
    expect(world.traces()).toEqual([]);
    expect(await world.list()).toEqual([]);
    await mkdir(join(world.home, `got-${name}`));
    expect(await world.run(['get', lfn, '--output-dir', `got-${name}`], { direct })).toMatchObject({ code: 0 });
    expect(readFileSync(join(world.home, `got-${name}`, name)).equals(bytes)).toBe(true);
  }, 120_000);
});

describe('a download that was killed', () => {
  const lfn = `${base}/gateway.bin`;

  it('is listed, and resumed with the ranges that are not on disk', async () => {
    await mkdir(join(world.home, 'down'));
    const running = world.start(['get', lfn, '--output-dir', 'down', ...slowly]);
    const journal = 'down/.gateway.bin.dirac-s3-transfer';
    // The first line says what it is, and each range that is done adds one.
    await stopWhen(running, () => journalLines(journal) > 2, 'SIGKILL');
    const done = journalLines(journal) - 2;
    expect(await world.list()).toMatchObject([
      { direction: 'download', state: 'stopped', lfn, path: join(world.home, 'down/gateway.bin') },
    ]);
    const text = await world.run(['transfers', 'list', '--recursive', world.home]);
    expect(text.stdout).toMatch(/^[0-9a-f]{8} download +stopped +\S+MiB of 140\.0MiB +\d+s +PARTS-S3 +\/demo\S+ +\/\S+gateway\.bin$/m);
    expect((await world.run(['transfers', 'list', world.home])).stdout).toBe('');
    world.seen.ranges.length = 0;

    const { code, stdout } = await world.run(['transfers', 'resume', 'down/gateway.bin', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ successful: [{ direction: 'download', lfn, sizeBytes: largeBytes }], failed: [] });
    expect(world.seen.ranges).toHaveLength(5 - done);
    expect(readFileSync(join(world.home, 'down/gateway.bin')).equals(readFileSync(join(world.home, 'gateway.bin')))).toBe(true);
    expect(world.traces(join(world.home, 'down'))).toEqual([]);
  }, 120_000);
});

describe('transfers', () => {
  it('resume with the GUID and --force the upload was begun with', async () => {
    const guid = '01234567-89AB-CDEF-0123-456789ABCDEF';
    await world.makeFile('small.bin', 1000);
    expect(await world.run(['put', `${base}/replaced.bin`, 'small.bin', element])).toMatchObject({ code: 0, stderr: '' });
    const bytes = await world.makeFile('replaced.bin');
    const running = world.start(['put', '--force', `${base}/replaced.bin`, 'replaced.bin', element, guid, ...slowly], { direct: true });
    await stopWhen(running, onePartMore(world), 'SIGKILL');
    const { stdout, code } = await world.run(['transfers', 'resume', '--all', '--json'], { direct: true });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ successful: [{ lfn: `${base}/replaced.bin`, guid, sizeBytes: bytes.length }] });
  }, 120_000);

  it('abort at the store, and forget', async () => {
    await killedUpload('aborted.bin');
    expect(world.openUploads()).toHaveLength(1);
    const { code, stdout } = await world.run(['transfers', 'abort', 'aborted.bin', 'no-such-id']);
    expect(stdout).toBe(`gave up the upload of ${join(world.home, 'aborted.bin')} to ${base}/aborted.bin at ${element}\n`);
    expect(code).toBe(1);
    expect(world.openUploads()).toEqual([]);
    expect(world.traces()).toEqual([]);
    expect((await world.run(['replicas', `${base}/aborted.bin`])).code).toBe(1);
  }, 120_000);

  it('clean what is old or lost, and nothing a process is at work on', async () => {
    await killedUpload('old.bin');
    await killedUpload('lost.bin');
    await rm(join(world.home, 'lost.bin'));
    await world.makeFile('busy.bin');
    const busy = world.start(['put', `${base}/busy.bin`, 'busy.bin', element, ...slowly]);
    await stopWhen({ ...busy, ended: Promise.resolve({ code: null, stdout: '', stderr: '' }) }, onePartMore(world), 'SIGSTOP');
    const states = async () => Object.fromEntries((await world.list()).map(({ lfn, state }) => [lfn.slice(base.length + 1), state]));
    try {
      expect(await states()).toEqual({ 'old.bin': 'stopped', 'lost.bin': 'lost', 'busy.bin': 'active' });
      const refused = await world.run(['transfers', 'resume', 'lost.bin', 'busy.bin']);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/lost\.bin: .*dirac-s3 transfers abort [0-9a-f]{8} gives it up/);
      expect(refused.stderr).toMatch(/busy\.bin: .*a process is at work on/);
      const dry = await world.run(['transfers', 'clean', '--dry-run']);
      expect(dry.stdout).toMatch(/^would give up the upload of \S+lost\.bin to \S+ at PARTS-S3\n$/);
      expect(await world.run(['transfers', 'clean'])).toMatchObject({ code: 0, stderr: '' });
      expect(await states()).toEqual({ 'old.bin': 'stopped', 'busy.bin': 'active' });
      expect(await world.run(['transfers', 'clean', '--older-than', '0'])).toMatchObject({ code: 0, stderr: '' });
      expect(await states()).toEqual({ 'busy.bin': 'active' });
      expect(world.openUploads()).toHaveLength(1);
    } finally {
      busy.child.kill('SIGCONT');
    }
    expect(await busy.ended).toMatchObject({ code: 0 });
    expect(world.openUploads()).toEqual([]);
  }, 120_000);

  it('forget what cannot be aborted only when told to', async () => {
    await killedUpload('strange.bin');
    const [known] = await world.list();
    const [head = '', ...rest] = readFileSync(known!.journal, 'utf8').split('\n');
    const record = { ...(JSON.parse(head) as object), storageElement: 'GONE-S3' };
    await writeFile(known!.journal, [JSON.stringify(record), ...rest].join('\n'));
    const refused = await world.run(['transfers', 'abort', known!.id]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--forget');
    expect(await world.list()).toHaveLength(1);
    expect(await world.run(['transfers', 'abort', '--forget', known!.id])).toMatchObject({ code: 0, stderr: '' });
    expect(await world.list()).toEqual([]);
    expect(world.openUploads()).toHaveLength(1);
  }, 120_000);

  it.each([
    ['through the gateway', false],
    ['with the keys', true],
  ])(
    'clean what no journal here knows, of own names only, %s',
    async (_, direct) => {
      await killedUpload(`known-${direct}.bin`, { direct });
      await killedUpload(`orphan-${direct}.bin`, { direct });
      for (const trace of world.traces().filter((name) => name.startsWith('.orphan-'))) await rm(join(world.home, trace));
      const orphan = `${base}/orphan-${direct}.bin`;
      const search = ['--below', base, '--se', element];
      expect(await world.run(['transfers', 'clean', ...search], { direct })).toMatchObject({ code: 0, stdout: '' });
      const dry = await world.run(['transfers', 'clean', '/', ...search, '--older-than', '0', '-n', '--json'], { direct });
      const { successful, failed } = JSON.parse(dry.stdout) as { successful: { lfn: string; state: string }[]; failed: unknown[] };
      expect(failed).toEqual([]);
      expect(successful).toContainEqual(expect.objectContaining({ lfn: orphan, state: 'orphaned', storageElement: element }));
      const before = world.openUploads().length;
      // Somebody else, of the same group, is shown none of them.
      const stranger = { env: { BEARER_TOKEN_FILE: world.bobsToken }, cwd: '/' };
      if (!direct) expect((await world.run(['transfers', 'clean', '/', ...search, '--older-than', '0'], stranger)).stdout).toBe('');
      expect(world.openUploads()).toHaveLength(before);
      const { code, stdout } = await world.run(['transfers', 'clean', ...search, '--older-than', '0'], { direct });
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^gave up an upload to ${orphan} at ${element}, begun \\S+ \\S+$`, 'm'));
      expect(stdout).toContain(`known-${direct}.bin`);
      expect(before).toBeGreaterThan(1);
      expect(world.openUploads()).toEqual([]);
    },
    120_000,
  );

  it.each([
    [['transfers', 'clean', '--below', base], '--below and --se go together'],
    [['transfers', 'resume'], 'name transfers, or say --all'],
    [['transfers', 'resume', 'x', '--all'], 'name transfers, or say --all'],
    [['transfers', 'clean', '--older-than', 'long'], '--older-than must be'],
    [['transfers', 'list', 'no-directory'], 'no-directory is no directory'],
  ])('refuse %j', async (words, message) => {
    const { code, stderr } = await world.run(words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('ask nobody when nothing was stopped', async () => {
    const nowhere = { env: { HOME: join(world.home, 'nowhere') }, cwd: '/' };
    expect(await world.run(['transfers', 'list'], nowhere)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await world.run(['transfers', 'resume', '--all'], nowhere)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await world.run(['transfers', 'clean'], nowhere)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
