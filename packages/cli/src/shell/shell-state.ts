import { chmod, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { DiracS3Error, parseLfnDirectory, type LfnDirectory } from '@dirac-s3/core';
import type { Environment } from '../environment.js';
import { parseIni, writeIni, type IniFile } from './ini-file.js';

/** What the short commands remember: a configuration for all shells, and a current directory for each. */
export interface ShellState {
  /** `dcommands.conf`; empty when there is none. @throws local-file */
  configuration(): Promise<IniFile>;
  /** @throws local-file */
  writeConfiguration(configuration: IniFile): Promise<void>;
  /** The current directory of this shell; undefined when it never chose one. @throws local-file */
  currentDirectory(): Promise<LfnDirectory | undefined>;
  /** What is remembered for this shell, `cwd` among it once it was chosen. @throws local-file */
  environment(): Promise<ReadonlyMap<string, string>>;
  /** Also forgets the shells that have ended. @throws local-file */
  changeDirectory(directory: LfnDirectory): Promise<void>;
}

export const environmentSection = 'session:environment';
/** Larger ones are something else. */
const maxStateBytes = 1024 * 1024;

/**
 * In the files DIRAC uses, under the names it gives them (`Interfaces/Utilities/DCommands.py`): `~/.dirac/dcommands.conf`, and
 * `dsession.<MAC address>.<pid of the shell>`. The directory is for its owner alone; one that belongs to somebody else is refused.
 */
export function createShellState({ home, shellDirectory, parentPid, userId }: Environment): ShellState {
  const directory = shellDirectory ?? join(home, '.dirac');
  const configurationFile = join(directory, 'dcommands.conf');
  const machine = machineName();
  const sessionFile = join(directory, `dsession.${machine}.${parentPid}`);
  const prepare = async (): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 }).catch(refuse(directory));
    const { uid, mode } = await stat(directory).catch(refuse(directory));
    if (userId !== undefined && uid !== userId) throw new DiracS3Error('local-file', `${directory} belongs to another user (uid ${uid})`);
    if ((mode & 0o022) !== 0) await chmod(directory, 0o700).catch(refuse(directory));
  };
  const write = async (file: string, content: IniFile): Promise<void> => {
    await prepare();
    await replaceFile(file, writeIni(content)).catch(refuse(file));
  };
  const environment = async (): Promise<ReadonlyMap<string, string>> =>
    (await readIni(sessionFile, userId)).get(environmentSection) ?? new Map<string, string>();
  return {
    configuration: () => readIni(configurationFile, userId),
    writeConfiguration: (configuration) => write(configurationFile, configuration),
    currentDirectory: async () => {
      const cwd = (await environment()).get('cwd');
      return cwd === undefined ? undefined : parseLfnDirectory(cwd);
    },
    environment,
    changeDirectory: async (cwd) => {
      const session = await readIni(sessionFile, userId);
      session.set(environmentSection, new Map(session.get(environmentSection)).set('cwd', cwd));
      await write(sessionFile, session);
      await forgetEndedShells(directory, `dsession.${machine}.`);
    },
  };
}

async function readIni(file: string, userId: number | undefined): Promise<IniFile> {
  const facts = await stat(file).catch((fault: unknown) =>
    (fault as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : refuse(file)(fault),
  );
  if (facts === undefined) return new Map();
  if (!facts.isFile() || facts.size > maxStateBytes) throw new DiracS3Error('local-file', `${file} is no configuration file`);
  if (userId !== undefined && facts.uid !== userId)
    throw new DiracS3Error('local-file', `${file} belongs to another user (uid ${facts.uid})`);
  return parseIni(await readFile(file, 'utf8').catch(refuse(file)));
}

/** Whole or not at all, also when two shells write at a time. */
async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

async function forgetEndedShells(directory: string, start: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = name.startsWith(start) ? Number(name.slice(start.length)) : Number.NaN;
    if (Number.isInteger(pid) && pid > 0 && !isRunning(pid)) await unlink(join(directory, name)).catch(() => undefined);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Homes are shared between machines; the address of the first network card tells them apart. */
function machineName(): string {
  const cards = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const card = cards.find(({ internal, mac }) => !internal && mac !== '00:00:00:00:00:00');
  return card?.mac.replaceAll(':', '') ?? '0';
}

function refuse(file: string): (fault: unknown) => never {
  return (fault) => {
    const { code = 'unknown fault' } = fault as NodeJS.ErrnoException;
    throw new DiracS3Error('local-file', `${file} cannot be used (${code})`, { cause: fault });
  };
}
