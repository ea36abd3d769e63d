import { spawn } from 'node:child_process';
import { appendFile, mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { adler32 } from '@dirac-s3/core';
import { cliProgram, startWorld } from '../../../../scripts/world/world.mjs';
import { diracCommands } from '../../src/dirac-names.js';
import { DeviceIssuer } from '../credentials/device-issuer.js';
import type { Run } from '../program/run-cli.js';

export const home = '/demo/user/a/alice';
export const missing = `${home}/missing`;
export const noSuchFile = 'No such file or directory';
/** Files that are stored for the cases to use up. */
const stock = 80;

/** A local mounted directory beside the S3 StorageElement, in the configuration of the user. */
const more = (directory: string): string => `
Operations
{
  Defaults
  {
    DataManagement
    {
      AccessProtocols = s3, file
      WriteProtocols = s3, file
      RegistrationProtocols = s3, file
      ThirdPartyProtocols = https
    }
  }
}
Resources
{
  StorageElements
  {
    DISK
    {
      File
      {
        Protocol = file
        Access = remote
        Path = ${directory}
      }
    }
  }
}
`;

/** A gateway, a store and a catalog, files in them, and the program under each of its names, as a user has it. */
export class CommandWorld {
  readonly #world: Awaited<ReturnType<typeof startWorld>>;
  readonly issuer: DeviceIssuer;
  #made = 0;
  #taken = 0;
  #large: Promise<string> | undefined;

  private constructor(world: Awaited<ReturnType<typeof startWorld>>, issuer: DeviceIssuer) {
    this.#world = world;
    this.issuer = issuer;
  }

  static async start(): Promise<CommandWorld> {
    const world = await startWorld();
    const made = new CommandWorld(world, await new DeviceIssuer().start());
    await mkdir(join(world.directory, 'bin'));
    for (const { diracName } of diracCommands()) await symlink(cliProgram, join(world.directory, 'bin', diracName));
    await mkdir(join(world.directory, 'disk'));
    await appendFile(join(made.directory, '.dirac.cfg'), more(join(world.directory, 'disk')));
    await mkdir(join(made.directory, 'stock'));
    for (let n = 0; n < stock; n += 1) await writeFile(join(made.directory, 'stock', `${n}.bin`), contentOf(n));
    const { code, stderr } = await made.run(['put', '-r', `${home}/stock`, 'stock', 'DEMO-S3']);
    if (code !== 0) throw new Error(stderr);
    return made;
  }

  async close(): Promise<void> {
    await this.issuer.close();
    await this.#world.close();
  }

  /** Home of the user, where the program runs. */
  get directory(): string {
    return this.#world.homes.alice.home;
  }

  /** What makes the program that of a catalog administrator. */
  get administrator(): Readonly<Record<string, string>> {
    return { BEARER_TOKEN_FILE: this.#world.homes.carol.tokenFile };
  }

  get bucketUrl(): string {
    return `s3://${new URL(this.#world.store.origin).host}/${this.#world.store.bucket}`;
  }

  get storeOrigin(): string {
    return this.#world.store.origin;
  }

  /** Runs the program, under DIRAC's name when one is given. */
  run(words: readonly string[], options: { readonly name?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<Run> {
    const { name, env = {} } = options;
    const program = name === undefined ? cliProgram : join(this.#world.directory, 'bin', name);
    return this.#world.cli('alice', [...words], { program, env });
  }

  /** A name nothing has. */
  fresh(): string {
    this.#made += 1;
    return `fresh${this.#made}`;
  }

  /** A local file. */
  async local(): Promise<string> {
    const name = this.fresh();
    await writeFile(join(this.directory, name), `content of ${name}`);
    return name;
  }

  /** A local directory with one file in it, no two of one size. */
  async localTree(): Promise<string> {
    const name = this.fresh();
    await mkdir(join(this.directory, name));
    await writeFile(join(this.directory, name, 'file'), name.padEnd(20 + this.#made, '.'));
    return name;
  }

  /** An LFN that is stored at DEMO-S3; each is given once. */
  stored(): string {
    if (this.#taken === stock) throw new Error('there are too few files in stock');
    this.#taken += 1;
    return lfnOf(this.#taken - 1);
  }

  /** The same, with a second replica at DISK. */
  async replicated(): Promise<string> {
    const lfn = this.stored();
    const { code, stderr } = await this.run(['replicate', lfn, '--to', 'DISK']);
    if (code !== 0) throw new Error(stderr);
    return lfn;
  }

  /** A local directory in which the download of a large file was stopped. */
  async stoppedDownload(): Promise<string> {
    const lfn = await (this.#large ??= this.#putLarge());
    const directory = this.fresh();
    await mkdir(join(this.directory, directory));
    const { command, args, ...settings } = this.#world.cliCommand('alice', ['get', lfn, '--output-dir', directory, '--limit-rate', '1M']);
    const child = spawn(command, args, { ...settings, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const begun = async (): Promise<boolean> =>
      (await readdir(join(this.directory, directory))).some((name) => name.endsWith('dirac-s3-transfer'));
    while (child.exitCode === null && !(await begun())) await wait(20);
    child.kill('SIGINT');
    if ((await ended) !== 130) throw new Error('the download did not stop');
    return directory;
  }

  async #putLarge(): Promise<string> {
    const lfn = `${home}/large`;
    await writeFile(join(this.directory, 'large'), '');
    await truncate(join(this.directory, 'large'), largeBytes);
    const { code, stderr } = await this.run(['put', lfn, 'large', 'DEMO-S3']);
    if (code !== 0) throw new Error(stderr);
    return lfn;
  }

  /** A directory of the catalog with nothing in it. */
  async emptyDirectory(): Promise<string> {
    const directory = `${home}/${this.fresh()}`;
    const { code, stderr } = await this.run(['mkdir', directory]);
    if (code !== 0) throw new Error(stderr);
    return directory;
  }

  /** A directory of the catalog with one file in it. */
  async directoryWithFile(): Promise<string> {
    const [tree, directory] = [await this.localTree(), `${home}/${this.fresh()}`];
    const { code, stderr } = await this.run(['put', '-r', directory, tree, 'DEMO-S3']);
    if (code !== 0) throw new Error(stderr);
    return directory;
  }
}

function lfnOf(n: number): string {
  return `${home}/stock/${n}.bin`;
}

/** All are of one size. */
function contentOf(n: number): string {
  return `file ${String(n).padStart(3, '0')} of the stock\n`;
}

/** So large that it is fetched in ranges. */
export const largeBytes = 33 * 1024 * 1024;

export const storedBytes = contentOf(0).length;

export function checksumOf(lfn: string): string {
  return adler32(Buffer.from(contentOf(Number(/(\d+)\.bin$/.exec(lfn)![1]))));
}
