import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cliProgram, openDevelopmentStore, startWorld } from '../../../../scripts/world/world.mjs';
import type { Run } from './run-cli.js';

export const mebibyte = 1024 * 1024;
export const base = '/demo/user/a/alice';
/** Five parts, and five ranges, of 32 MiB. */
export const largeBytes = 140 * mebibyte;
/** So that five parts take some seconds. */
export const slowly = ['--limit-rate', '48M'];
export const element = 'PARTS-S3';

export interface TransferDescription {
  readonly id: string;
  readonly direction: string;
  readonly state: string;
  readonly lfn: string;
  readonly path: string;
  readonly doneBytes: number;
  readonly sizeBytes: number;
  readonly journal: string;
}

/** A running program that can be stopped. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Run>;
}

/** A whole installation whose store notes every request, with a StorageElement that takes uploads in parts through the gateway. */
export async function openTransferWorld(settings: Pick<WorldOptions, 'gateways' | 'uploadKeys' | 'gatewayOptions'> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'dirac-s3-transfers-'));
  /** Parts and ranges that were asked for. */
  const seen: { readonly parts: number[]; readonly ranges: string[] } = { parts: [], ranges: [] };
  const started = await openDevelopmentStore({
    directory: join(directory, 'store'),
    buckets: ['demo-data'],
    faults: ({ method, target, headers }) => {
      const part = /partNumber=(\d+)/.exec(target)?.[1];
      if (method === 'PUT' && part !== undefined) seen.parts.push(Number(part));
      // The first byte alone is how an object is looked at.
      if (method === 'GET' && typeof headers.range === 'string' && headers.range !== 'bytes=0-0') seen.ranges.push(headers.range);
      return undefined;
    },
  });
  const [main, writer] = started.credentials;
  const store = {
    origin: started.origin,
    region: started.region,
    bucket: 'demo-data',
    credentials: main!,
    writeOnlyCredentials: writer!,
  };
  const elements = async () => Promise.resolve({ [element]: { origin: started.origin, writeOnlyKey: true } });
  const world = await startWorld({ store, elements, ...settings });
  const { home, tokenFile } = world.homes.alice;
  // Parts of 32 MiB.
  const options = ['-o', `/Resources/StorageElements/${element}/S3/UnsignedHeaders=refused`];
  // Others may read what is no secret.
  await chmod(world.directory, 0o755);
  const bin = join(directory, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'dirac-s3'), `#!/bin/sh\nexec ${process.execPath} ${cliProgram} "$@" ${options.join(' ')}\n`, { mode: 0o755 });

  const start = (words: readonly string[], { cwd = home, env = {}, direct = false, shell = false, uid }: StartOptions = {}): Running => {
    const access = direct ? { DIRAC_S3_IDENTITY: 'alice:demo_user' } : { BEARER_TOKEN_FILE: tokenFile };
    const bare = {
      PATH: `${bin}:${process.env.PATH ?? ''}`,
      HOME: home,
      LANG: 'C.UTF-8',
      DIRAC_ROOT_PATH: join(home, 'no-dirac'),
      ...access,
      ...env,
    };
    const settings = { cwd, env: bare, ...(uid !== undefined && { uid, gid: uid }) };
    const child = shell
      ? spawn('/bin/sh', ['-c', words.join(' ')], settings)
      : spawn(process.execPath, [cliProgram, ...words, ...options, ...(direct ? ['--cfg', world.files.direct] : [])], settings);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = new Promise<Run>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
    return { child, ended };
  };
  const run = (words: readonly string[], options?: StartOptions): Promise<Run> => start(words, options).ended;

  return {
    home,
    bobsToken: world.homes.bob.tokenFile,
    /** The token of a catalog administrator. */
    carolsToken: world.homes.carol.tokenFile,
    gateways: world.gateways,
    seen,
    start,
    run,
    /** Runs a line as a shell does. */
    runLine: (line: string, options?: StartOptions): Promise<Run> => run([line], { ...options, shell: true }),
    makeFile: async (name: string, size = largeBytes): Promise<Buffer> => {
      const bytes = randomBytes(size);
      await writeFile(join(home, name), bytes);
      return bytes;
    },
    list: async (words: readonly string[] = []): Promise<TransferDescription[]> => {
      const { stdout } = await run(['transfers', 'list', '--json', ...words]);
      return (JSON.parse(stdout) as { transfers: TransferDescription[] }).transfers;
    },
    /** Numbers of the parts the store has of uploads that have not ended. */
    partsStored: (): number[] => partsBelow(join(directory, 'store', 'uploads')),
    openUploads: (): string[] => readdirSync(join(directory, 'store', 'uploads')),
    /** The files of a directory that are this program's own. */
    traces: (where = home): string[] => readdirSync(where).filter((name) => name.includes('dirac-s3-')),
    close: async (): Promise<void> => {
      await world.close();
      await started.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type WorldOptions = NonNullable<Parameters<typeof startWorld>[0]>;

interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly direct?: boolean;
  readonly shell?: boolean;
  readonly uid?: number | undefined;
}

export type TransferWorld = Awaited<ReturnType<typeof openTransferWorld>>;

function partsBelow(uploads: string): number[] {
  return readdirSync(uploads)
    .flatMap((id) => readdirSync(join(uploads, id)))
    .flatMap((name) => /^part-(\d+)-/.exec(name)?.slice(1).map(Number) ?? [])
    .sort();
}

/** Becomes true when the store has a part more than now. */
export function onePartMore({ partsStored }: Pick<TransferWorld, 'partsStored'>): () => boolean {
  const before = partsStored().length;
  return () => partsStored().length > before;
}

/** Waits until something is so, and fails when it never is. */
export async function until(what: () => boolean, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !what();) {
    if (Date.now() > end) throw new Error(`never so: ${what.toString()}`);
    await wait(10);
  }
}

/** Ends a program in the middle, once something is so; the store is given the time to notice. */
export async function stopWhen({ child, ended }: Running, what: () => boolean, signal: NodeJS.Signals): Promise<Run> {
  await until(what);
  child.kill(signal);
  const run = await ended;
  await wait(500);
  return run;
}
