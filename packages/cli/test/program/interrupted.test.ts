import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Run } from './run-cli.js';
import {
  base,
  element,
  largeBytes,
  onePartMore,
  openTransferWorld,
  slowly,
  stopWhen,
  until,
  type TransferWorld,
} from './transfer-world.js';

let world: TransferWorld;
beforeAll(async () => {
  world = await openTransferWorld();
}, 120_000);
afterAll(() => world.close());
afterEach(() => {
  world.seen.parts.length = 0;
  world.seen.ranges.length = 0;
});

const path = (name: string): string => join(world.home, name);
/** The command a message says goes on, as it is typed. */
const commandIn = ({ stderr }: Run): string => /to go on: (dirac-s3 transfers resume .+) \(cancelled\)$/m.exec(stderr)?.[1] ?? '';
const sameBytes = (one: string, other: string): boolean => readFileSync(path(one)).equals(readFileSync(path(other)));

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s', (signal, code) => {
  const name = `the ${signal} file.bin`;
  const lfn = `${base}/${signal}.bin`;

  it(`ends put with ${code} and prints the command that goes on`, async () => {
    await world.makeFile(name);
    const running = world.start(['put', lfn, name, element, ...slowly]);
    const stopped = await stopWhen(running, onePartMore(world), signal);
    expect(stopped).toMatchObject({ code, stdout: '' });
    expect(commandIn(stopped)).toBe(`dirac-s3 transfers resume '${path(name)}'`);
    expect(stopped.stderr).toMatch(/^dirac-s3: interrupted$/m);
    const there = world.partsStored();
    world.seen.parts.length = 0;
    // From anywhere, and as a shell reads it.
    expect(await world.runLine(commandIn(stopped), { cwd: '/' })).toMatchObject({ code: 0, stderr: '' });
    expect([...world.seen.parts].sort()).toEqual([1, 2, 3, 4, 5].filter((number) => !there.includes(number)));
    expect(await world.run(['replicas', lfn])).toMatchObject({ code: 0 });
    expect(world.traces()).toEqual([]);
  }, 120_000);

  it(`ends get with ${code} and prints the command that goes on`, async () => {
    await mkdir(path(signal));
    const journal = path(join(signal, `.${signal}.bin.dirac-s3-transfer`));
    const lines = (): number => {
      try {
        return readFileSync(journal, 'utf8').split('\n').length;
      } catch {
        return 0;
      }
    };
    const running = world.start(['get', lfn, '--output-dir', signal, ...slowly]);
    const stopped = await stopWhen(running, () => lines() > 2, signal);
    expect(stopped.code).toBe(code);
    expect(commandIn(stopped)).toBe(`dirac-s3 transfers resume ${path(join(signal, `${signal}.bin`))}`);
    const done = lines() - 2;
    world.seen.ranges.length = 0;
    expect(await world.runLine(commandIn(stopped), { cwd: '/' })).toMatchObject({ code: 0, stderr: '' });
    expect(world.seen.ranges).toHaveLength(5 - done);
    expect(sameBytes(join(signal, `${signal}.bin`), name)).toBe(true);
  }, 120_000);
});

describe('a terminal that is closed', () => {
  it('is told twice, and the upload still ends in order', async () => {
    await world.makeFile('closed.bin');
    const running = world.start(['put', `${base}/closed.bin`, 'closed.bin', element, ...slowly]);
    running.child.stderr?.once('data', () => running.child.kill('SIGHUP'));
    const stopped = await stopWhen(running, onePartMore(world), 'SIGHUP');
    expect(stopped.code).toBe(129);
    expect(commandIn(stopped)).toBe(`dirac-s3 transfers resume ${path('closed.bin')}`);
    expect(stopped.stderr).toMatch(/^dirac-s3: interrupted$/m);
    expect(await world.runLine(commandIn(stopped))).toMatchObject({ code: 0, stderr: '' });
  }, 120_000);

  // `script` (util-linux) makes a terminal, which goes with it; the shell on it tells what it runs, as all do.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux(
    'leaves what goes on, and no core dump, where nothing can be written any more',
    async () => {
      await world.makeFile('hung.bin');
      const put = ['dirac-s3', 'put', `${base}/hung.bin`, 'hung.bin', element, ...slowly].join(' ');
      const typed = `trap 'kill -HUP $!' HUP; ${put} & wait $!; wait $!; echo $? >code`;
      const running = world.start([`exec script --quiet --command "${typed.replaceAll('$', String.raw`\$`)}" /dev/null`], { shell: true });
      await stopWhen(running, onePartMore(world), 'SIGKILL');
      await until(() => existsSync(path('code')) && readFileSync(path('code'), 'utf8') !== '');
      expect(readFileSync(path('code'), 'utf8')).toBe('129\n');
      expect(await world.list()).toMatchObject([{ lfn: `${base}/hung.bin`, state: 'stopped' }]);
      expect(await world.runLine('dirac-s3 transfers resume hung.bin')).toMatchObject({ code: 0, stderr: '' });
    },
    120_000,
  );
});

describe('output that cannot be written', () => {
  it('does not end an upload: it is stored, registered and told where that can still be', async () => {
    await world.makeFile('full.bin');
    const put = (name: string, rest: string): Promise<Run> => world.runLine(`dirac-s3 put ${base}/${name} full.bin ${element} new ${rest}`);
    const noRemarks = await put('full-err.bin', '-v 2>/dev/full');
    expect(noRemarks.code).toBe(1);
    expect(noRemarks.stdout).toMatch(/full-err\.bin is at .*\ndirac-s3: standard error could not be written: ENOSPC\n$/);
    const noResult = await put('full-out.bin', '>/dev/full');
    expect(noResult).toMatchObject({ code: 1, stderr: 'dirac-s3: standard output could not be written: ENOSPC\n' });
    for (const name of ['full-err.bin', 'full-out.bin'])
      expect(await world.run(['replicas', `${base}/${name}`])).toMatchObject({ code: 0 });
    expect(world.traces()).toEqual([]);
  }, 120_000);
});

describe('put that is stopped before a byte was sent', () => {
  it('leaves nothing, and says so', async () => {
    await world.makeFile('early.bin');
    const stopped = await stopWhen(
      world.start(['put', `${base}/early.bin`, 'early.bin', element]),
      () => world.traces().some((name) => name.startsWith('.early.bin.')),
      'SIGINT',
    );
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('stopped before it was done');
    expect(world.traces()).toEqual([]);
    expect(stopped.stderr).toContain('nothing is kept of it');
  }, 60_000);
});

describe('a directory in which no journal can be written', () => {
  // A name so long that no file can be called after it; every user meets that limit, root too.
  const longName = `${'n'.repeat(240)}.bin`;
  const warning = /^dirac-s3: warning: no journal can be written in \S+ \((?:ENAMETOOLONG|EACCES|EROFS)\): .*begins anew$/gm;

  it('warns once, and uploads', async () => {
    await world.makeFile(longName);
    await rename(path(longName), path('other.bin'));
    await writeFile(path(`m${longName.slice(1)}`), readFileSync(path('other.bin')).reverse());
    await rename(path('other.bin'), path(longName));
    await writeFile(path('list'), `${base}/long.bin ${longName} ${element}\n${base}/long2.bin m${longName.slice(1)} ${element}\n`);
    const { code, stderr } = await world.run(['put', 'list']);
    expect(code).toBe(0);
    expect(stderr.match(warning)).toHaveLength(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(world.openUploads()).toEqual([]);
  }, 120_000);

  it('leaves no parts at the store when it is interrupted, and promises nothing', async () => {
    const running = world.start(['put', `${base}/long3.bin`, longName, element, 'new', ...slowly]);
    const stopped = await stopWhen(running, onePartMore(world), 'SIGINT');
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('nothing is kept of it');
    expect(stopped.stderr).not.toContain('transfers resume');
    expect(world.openUploads()).toEqual([]);
    expect(await world.list()).toEqual([]);
  }, 120_000);

  it('is one that cannot be written to by this user, too', async () => {
    const directory = mkdtempSync('/tmp/dirac-s3-read-only-');
    // Whoever may write everywhere sends as somebody else.
    const uid = process.getuid?.() === 0 ? 65_534 : undefined;
    try {
      await rename(path(longName), join(directory, 'ro.bin'));
      await chmod(directory, 0o555);
      await chmod(join(directory, 'ro.bin'), 0o444);
      const token = mkdtempSync('/tmp/dirac-s3-token-');
      spawnSync('cp', ['-r', `${world.home}/.`, token]);
      if (uid !== undefined) spawnSync('chown', ['-R', String(uid), token]);
      await chmod(token, 0o755);
      const env = { HOME: token, BEARER_TOKEN_FILE: join(token, 'token') };
      const { code, stderr, stdout } = await world.run(['put', `${base}/ro.bin`, join(directory, 'ro.bin'), element, 'new'], {
        env,
        cwd: '/',
        uid,
      });
      await rm(token, { recursive: true });
      expect({ code, stderr: stderr.replace(warning, 'warned') }).toEqual({ code: 0, stderr: 'warned\n' });
      expect(stdout).toContain(`${largeBytes} bytes`);
      expect(world.openUploads()).toEqual([]);
    } finally {
      await chmod(directory, 0o755);
      rmSync(directory, { recursive: true });
    }
  }, 120_000);

  it('may be the list of transfers, which then lacks them', async () => {
    await writeFile(path('no-directory'), '');
    await world.makeFile('listed.bin');
    const env = { XDG_STATE_HOME: path('no-directory') };
    const { code, stderr } = await world.run(['put', `${base}/listed.bin`, 'listed.bin', element], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^dirac-s3: warning: \S+ cannot be written \(ENOTDIR\): what is interrupted will be found only from the directory/,
    );
    expect(await world.run(['put', `${base}/listed2.bin`, 'listed.bin', element, 'new', '--quiet'], { env })).toMatchObject({
      code: 0,
      stderr: '',
    });
  }, 120_000);
});
