import { failure, parseLfnDirectory } from '@dirac-s3/core';
import { lookUp } from '../catalog-tree.js';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { printable } from '../output/printable.js';
import { plainResult, type CommandResult } from '../output/result.js';
import type { IniFile } from '../shell/ini-file.js';
import { environmentSection } from '../shell/shell-state.js';
import { findProfile, resolvePaths, startingDirectory } from '../shell/profile.js';

const whose = 'Each shell has its own.';

export const dcd: Command = {
  positionals: [{ name: 'path', describe: 'Directory in the File Catalog (default: home_dir of dcommands.conf)' }],
  options: {},
  diracOptions: {},
  examples: [
    ['run42', 'Into a directory'],
    ['..', 'Up'],
  ],
  notes: whose,
  readOnly: false,
  run: async (context, args) => {
    const [path = ''] =
      args.positionals.length > 0 ? await resolvePaths(context, args.positionals) : [(await findProfile(context)).homeDirectory];
    const directory = parseLfnDirectory(path);
    const { successful, failed } = await lookUp(await (await context.openSession()).catalog(), [directory]);
    const fault =
      failed.get(directory) ?? (successful.get(directory)?.kind === 'file' ? failure('no-such-file', 'it is a file') : undefined);
    if (fault !== undefined)
      return { text: '', json: { failed: [{ lfn: directory, ...fault }] }, failures: new Map([[directory, fault]]), succeeded: 0 };
    await context.shell().changeDirectory(directory);
    return plainResult('', { currentDirectory: directory });
  },
};

export const dpwd: Command = {
  positionals: [],
  options: {},
  diracOptions: {},
  examples: [['', 'The current directory in the File Catalog']],
  notes: whose,
  readOnly: true,
  run: async (context) => {
    const directory = await startingDirectory(context);
    return plainResult(`${printable(directory)}\n`, { currentDirectory: directory });
  },
};

export const dconfig: Command = {
  positionals: [{ name: 'option', describe: 'section, section.option or section.option=value', many: true }],
  options: {},
  diracOptions: { minimal: { alias: 'm', type: 'boolean', describe: 'verify and fill minimal configuration' } },
  examples: [
    ['', 'All of dcommands.conf'],
    ['-m', 'Write a first configuration for my group'],
    ['demo.default_se=CERN-S3', 'Set an option'],
  ],
  readOnly: false,
  run: async (context, args) => {
    const configuration = await context.shell().configuration();
    let changed =
      args.flag('minimal') && (await fillMinimal(configuration, async () => (await (await context.openSession()).whoami()).group));
    const shown: string[] = [];
    for (const word of args.positionals) {
      const { section, option, value } = parseWord(word);
      if (value === undefined) shown.push(showOne(configuration, section, option));
      else {
        configuration.set(section, new Map(configuration.get(section)).set(option!, value));
        changed = true;
      }
    }
    if (changed) await context.shell().writeConfiguration(configuration);
    const text =
      args.positionals.length > 0 ? shown.join('') : [...configuration.keys()].map((section) => showOne(configuration, section)).join('');
    return configurationResult(text, configuration);
  },
};

export const dgetenv: Command = {
  positionals: [{ name: 'option', describe: 'option of this shell, or section.option of dcommands.conf' }],
  options: {},
  diracOptions: {},
  examples: [
    ['', 'All that is remembered for this shell'],
    ['cwd', 'The current directory in the File Catalog'],
    ['demo.default_se', 'An option of dcommands.conf'],
  ],
  notes: whose,
  readOnly: true,
  run: async (context, args) => {
    const environment = new Map([['cwd', await startingDirectory(context)], ...(await context.shell().environment())]);
    const [word] = args.positionals;
    if (word === undefined) {
      const text = [...environment].map(([name, value]) => `${name} = ${printable(value)}\n`).join('');
      return plainResult(text, Object.fromEntries(environment));
    }
    const { section, option } = namedOption(word);
    const options = section === environmentSection ? environment : (await context.shell().configuration()).get(section);
    const value = options?.get(option);
    if (value === undefined) throw new UsageError(`nothing is known of ${word}`);
    return plainResult(`${printable(value)}\n`, { [option]: value });
  },
};

/** Adds what is missing: a profile for the group, and which profile is the default one. */
async function fillMinimal(configuration: IniFile, group: () => Promise<string>): Promise<boolean> {
  const name = configuration.get('global')?.get('default_profile') ?? (await group());
  const before = JSON.stringify([...configuration].map(([section, options]) => [section, ...options]));
  const fill = (section: string, wanted: Readonly<Record<string, string>>): void => {
    configuration.set(section, new Map([...Object.entries(wanted), ...(configuration.get(section) ?? [])]));
  };
  fill('global', { default_profile: name });
  fill(name, { group_name: name, home_dir: '/', default_se: 'DIRAC-USER' });
  return JSON.stringify([...configuration].map(([section, options]) => [section, ...options])) !== before;
}

interface Word {
  readonly section: string;
  readonly option: string | undefined;
  readonly value: string | undefined;
}

function parseWord(word: string, forms = 'section, section.option or section.option=value'): Word {
  const { section, option, value } =
    /^(?<section>[^.=[\]\s]+)(?:\.(?<option>[^.=:[\]\s]+)(?:=(?<value>[^\r\n]*))?)?$/.exec(word)?.groups ?? {};
  if (section === undefined) throw new UsageError(`"${word}" is not of the form ${forms}`);
  return { section, option: option?.toLowerCase(), value };
}

/** One name alone is an option of the shell. */
function namedOption(word: string): { readonly section: string; readonly option: string } {
  const forms = 'option or section.option';
  const { section, option, value } = parseWord(word, forms);
  if (value !== undefined) throw new UsageError(`"${word}" is not of the form ${forms}`);
  return option === undefined ? { section: environmentSection, option: section.toLowerCase() } : { section, option };
}

function showOne(configuration: IniFile, section: string, option?: string): string {
  const options = configuration.get(section);
  if (options === undefined) throw new UsageError(`dcommands.conf has no section ${section}`);
  if (option === undefined) return `[${section}]\n${[...options].map(([name, value]) => `${name} = ${value}\n`).join('')}`;
  const value = options.get(option);
  if (value === undefined) throw new UsageError(`dcommands.conf has no option ${section}.${option}`);
  return `${option} = ${value}\n`;
}

function configurationResult(text: string, configuration: IniFile): CommandResult {
  return plainResult(text, Object.fromEntries([...configuration].map(([section, options]) => [section, Object.fromEntries(options)])));
}
