import { posix } from 'node:path';
import { parseLfnDirectory, type LfnDirectory } from '@dirac-s3/core';
import type { CommandContext } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { withoutPrefix } from '../names.js';
import type { IniFile } from './ini-file.js';

/** The options of `dcommands.conf` that hold for a group, or DIRAC's defaults. */
export interface Profile {
  readonly homeDirectory: LfnDirectory;
  readonly defaultStorageElement: string;
  /** Where `drepl` puts replicas when it is not told; empty: nothing is said. */
  readonly replicationElements: readonly string[];
  /** Which of them: `all()`, `first(N)` or `random(N)`. */
  readonly replicationScheme: string;
}

const minimal = { home_dir: '/', default_se: 'DIRAC-USER' } as const;

/** The section of the group; without one that of `[global] default_profile`. */
export function profileOf(configuration: IniFile, group: string | undefined): Profile {
  const ofGroup = [...configuration.values()].find((options) => group !== undefined && options.get('group_name') === group);
  const section = ofGroup ?? configuration.get(configuration.get('global')?.get('default_profile') ?? '');
  return {
    homeDirectory: parseLfnDirectory(section?.get('home_dir') ?? minimal.home_dir),
    defaultStorageElement: section?.get('default_se') ?? minimal.default_se,
    replicationElements: (section?.get('replication_ses') ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    replicationScheme: section?.get('replication_scheme') ?? 'all()',
  };
}

/**
 * The StorageElements a profile's scheme picks (`DSession.getReplicationSEs`, which evaluates it as Python; here it is read).
 *
 * @param random as `Math.random`
 * @throws UsageError: another scheme
 */
export function replicationElements(
  { replicationElements: elements, replicationScheme, defaultStorageElement }: Omit<Profile, 'homeDirectory'>,
  random: () => number,
): readonly string[] {
  if (elements.length === 0) return [defaultStorageElement];
  const { name, count } = /^\s*(?<name>all|first|random)\s*\(\s*(?<count>\d{0,4})\s*\)\s*$/.exec(replicationScheme)?.groups ?? {};
  if (name === 'all' && count === '') return elements;
  if (name === undefined || name === 'all' || Number(count) < 1)
    throw new UsageError(`replication_scheme of dcommands.conf must be all(), first(N) or random(N), and is "${replicationScheme}"`);
  return (name === 'first' ? elements : shuffled(elements, random)).slice(0, Number(count));
}

/** Fisher and Yates: every order is as likely as any other. */
function shuffled(names: readonly string[], random: () => number): string[] {
  const mixed = [...names];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const at = Math.floor(random() * (last + 1));
    [mixed[last], mixed[at]] = [mixed[at]!, mixed[last]!];
  }
  return mixed;
}

/** Asks who one is only when that makes a difference. */
export async function findProfile({ shell, openSession }: Pick<CommandContext, 'shell' | 'openSession'>): Promise<Profile> {
  const configuration = await shell().configuration();
  const depends = [...configuration.values()].some((options) => options.has('group_name'));
  return profileOf(configuration, depends ? (await (await openSession()).whoami()).group : undefined);
}

/** Where relative names start: the current directory of this shell, at first the home directory. */
export async function startingDirectory(context: Pick<CommandContext, 'shell' | 'openSession'>): Promise<LfnDirectory> {
  return (await context.shell().currentDirectory()) ?? (await findProfile(context)).homeDirectory;
}

/** Names as they are typed to a short command: relative to the current directory, `..` and a slash at the end meant as in any shell. */
export async function resolvePaths(context: Pick<CommandContext, 'shell' | 'openSession'>, words: readonly string[]): Promise<string[]> {
  const names = words.map(withoutPrefix);
  const start = names.every((name) => name.startsWith('/')) ? '/' : await startingDirectory(context);
  return names.map((name) => posix.resolve(start, name));
}
