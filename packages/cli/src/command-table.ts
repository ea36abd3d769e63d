import type { Command } from './command.js';
import { diracNames } from './dirac-names.js';

export interface CommandEntry {
  /** As it is typed: one word, or two. */
  readonly name: string;
  /** DIRAC's command that does the same. */
  readonly diracName?: string;
  readonly describe: string;
  /** Arguments in DIRAC's words; `<NAME>` is needed, `[NAME]` is not, `..` takes the rest. */
  readonly syntax: string;
  readonly load: () => Promise<Command>;
}

/** Every command, loaded when it is called: `--help` alone loads none. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'put',
    diracName: diracNames.put,
    describe: 'Upload files to a StorageElement and register them in the File Catalog',
    syntax: '<LFN> [PATH] [SE] [GUID]',
    load: async () => (await import('./commands/put.js')).put,
  },
  {
    name: 'get',
    diracName: diracNames.get,
    describe: 'Download files and verify them',
    syntax: '<LFN..>',
    load: async () => (await import('./commands/get.js')).get,
  },
  {
    name: 'url',
    diracName: diracNames.url,
    describe: 'Give access URLs of files at a StorageElement, for other applications',
    syntax: '<LFN> <SE> [PROTOCOL]',
    load: async () => (await import('./commands/url.js')).url,
  },
  {
    name: 'replicas',
    diracName: diracNames.replicas,
    describe: 'Tell at which StorageElements files are',
    syntax: '<LFN..>',
    load: async () => (await import('./commands/replicas.js')).replicas,
  },
  {
    name: 'meta',
    diracName: diracNames.meta,
    describe: 'Show what the File Catalog knows about files',
    syntax: '<LFN..>',
    load: async () => (await import('./commands/meta.js')).meta,
  },
  {
    name: 'rm',
    diracName: diracNames.rm,
    describe: 'Remove files from their StorageElements and from the File Catalog',
    syntax: '<LFN..>',
    load: async () => (await import('./commands/rm.js')).rm,
  },
  {
    name: 'register',
    describe: 'Register files that are stored but not in the File Catalog, to finish an upload',
    syntax: '<LFN> <SE>',
    load: async () => (await import('./commands/register.js')).register,
  },
  {
    name: 'mkdir',
    describe: 'Make directories in the File Catalog',
    syntax: '<DIRECTORY..>',
    load: async () => (await import('./commands/mkdir.js')).mkdir,
  },
  {
    name: 'se list',
    describe: 'List the S3 StorageElements as this program sees them',
    syntax: '',
    load: async () => (await import('./commands/se-list.js')).seList,
  },
  {
    name: 'whoami',
    describe: 'Tell as whom you are known',
    syntax: '',
    load: async () => (await import('./commands/whoami.js')).whoami,
  },
  {
    name: 'aliases install',
    describe: "Make this program answer to DIRAC's command names, by links in a directory of your PATH",
    syntax: '<DIR>',
    load: async () => (await import('./commands/aliases.js')).aliasesInstall,
  },
  {
    name: 'aliases list',
    describe: "List DIRAC's command names this program answers to",
    syntax: '',
    load: async () => (await import('./commands/aliases.js')).aliasesList,
  },
];

/** Commands of two words, by the first. */
export const commandGroups: Readonly<Record<string, string>> = {
  se: 'StorageElements',
  aliases: "DIRAC's command names",
};

export function findDiracCommand(name: string): CommandEntry | undefined {
  return commandTable.find(({ diracName }) => diracName === name);
}
