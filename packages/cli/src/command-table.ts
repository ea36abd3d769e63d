import type { CommandEntry } from './command.js';
import { diracNames } from './dirac-names.js';
import { diracTable } from './dirac-table.js';

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
    name: 'sync',
    diracName: diracNames.sync,
    describe: 'Make a directory of the File Catalog like a local one, or the other way round',
    syntax: '<SOURCE> <DEST> [SE]',
    load: async () => (await import('./commands/sync.js')).sync,
  },
  {
    name: 'transfers list',
    describe: 'List uploads and downloads that were stopped before they were done',
    syntax: '[DIR..]',
    load: async () => (await import('./commands/transfers-list.js')).transfersList,
  },
  {
    name: 'transfers resume',
    describe: 'Go on with them',
    syntax: '[TRANSFER..]',
    load: async () => (await import('./commands/transfers-resume.js')).transfersResume,
  },
  {
    name: 'transfers abort',
    describe: 'Give them up, and remove what is there of them',
    syntax: '<TRANSFER..>',
    load: async () => (await import('./commands/transfers-clean.js')).transfersAbort,
  },
  {
    name: 'transfers clean',
    describe: 'Give up those that are old, or can go on no more',
    syntax: '[DIR..]',
    load: async () => (await import('./commands/transfers-clean.js')).transfersClean,
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
    describe: 'Show what the File Catalog knows about files and directories',
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
    name: 'replicate',
    describe: 'Copy files to further StorageElements and register the replicas',
    syntax: '<LFN..>',
    load: async () => (await import('./commands/replicate.js')).replicate,
  },
  {
    name: 'replica rm',
    diracName: diracNames['replica rm'],
    describe: 'Remove replicas, but never the only one of a file',
    syntax: '<LFN> <SE..>',
    load: async () => (await import('./commands/replica-rm.js')).replicaRm,
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
    name: 'rmdir',
    describe: 'Remove empty directories from the File Catalog',
    syntax: '<DIRECTORY..>',
    load: async () => (await import('./commands/mkdir.js')).rmdir,
  },
  {
    name: 'chmod',
    describe: 'Change who may read and write files and directories',
    syntax: '<MODE> <PATH..>',
    load: async () => (await import('./commands/change-paths.js')).chmod,
  },
  {
    name: 'chown',
    describe: 'Change to whom files and directories belong',
    syntax: '<OWNER> <PATH..>',
    load: async () => (await import('./commands/change-paths.js')).chown,
  },
  {
    name: 'chgrp',
    describe: 'Change to which group files and directories belong',
    syntax: '<GROUP> <PATH..>',
    load: async () => (await import('./commands/change-paths.js')).chgrp,
  },
  {
    name: 'ls',
    describe: 'List directories of the File Catalog',
    syntax: '<PATH..>',
    load: async () => (await import('./commands/ls.js')).ls,
  },
  {
    name: 'find',
    describe: 'Find files below a directory of the File Catalog',
    syntax: '<PATH> [CONDITION..]',
    load: async () => (await import('./commands/find.js')).find,
  },
  {
    name: 'du',
    diracName: diracNames.du,
    describe: 'Tell how large files and directories are',
    syntax: '<PATH..>',
    load: async () => (await import('./commands/du.js')).du,
  },
  {
    name: 'user-files',
    diracName: diracNames['user-files'],
    describe: 'List all files of a user',
    syntax: '',
    load: async () => (await import('./commands/user-files.js')).userFiles,
  },
  {
    name: 'guid',
    diracName: diracNames.guid,
    describe: 'Find files by their GUIDs',
    syntax: '<GUID..>',
    load: async () => (await import('./commands/catalog-entries.js')).guid,
  },
  {
    name: 'catalog rm',
    diracName: diracNames['catalog rm'],
    describe: 'Remove files from the File Catalog alone',
    syntax: '<LFN..>',
    load: async () => (await import('./commands/catalog-entries.js')).catalogRm,
  },
  {
    name: 'catalog rm-replica',
    diracName: diracNames['catalog rm-replica'],
    describe: 'Remove replicas from the File Catalog alone',
    syntax: '<LFN> <SE>',
    load: async () => (await import('./commands/catalog-entries.js')).catalogRmReplica,
  },
  {
    name: 'pfn url',
    diracName: diracNames['pfn url'],
    describe: 'Give access URLs for storage URLs',
    syntax: '<PFN> <SE>',
    load: async () => (await import('./commands/pfn.js')).pfnUrl,
  },
  {
    name: 'pfn meta',
    diracName: diracNames['pfn meta'],
    describe: 'Show what the store knows about objects, by their storage URLs',
    syntax: '<PFN> <SE>',
    load: async () => (await import('./commands/pfn.js')).pfnMeta,
  },
  {
    name: 'se stat',
    diracName: diracNames['se stat'],
    describe: 'Show what the store knows about replicas',
    syntax: '<LFN> <SE>',
    load: async () => (await import('./commands/se-stat.js')).seStat,
  },
  {
    name: 'se status',
    diracName: diracNames['se status'],
    describe: 'Tell what can be done now at the StorageElements',
    syntax: '',
    load: async () => (await import('./commands/se-status.js')).seStatus,
  },
  {
    name: 'se matrix',
    diracName: diracNames['se matrix'],
    describe: 'Tell which StorageElements can send to which, and by which protocols',
    syntax: '',
    load: async () => (await import('./commands/se-matrix.js')).seMatrix,
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
    name: 'completion',
    describe: 'Print a script by which a shell completes commands, options and StorageElements',
    syntax: '<SHELL>',
    load: async () => (await import('./commands/completion.js')).completion,
  },
  {
    name: 'login',
    describe: 'Get a token from an issuer, in a browser on whichever machine',
    syntax: '',
    load: async () => (await import('./commands/login.js')).login,
  },
  {
    name: 'logout',
    describe: 'Forget that token',
    syntax: '',
    load: async () => (await import('./commands/logout.js')).logout,
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
  replica: 'Replicas of files',
  catalog: 'Entries of the File Catalog, without their objects',
  pfn: 'Storage URLs',
  transfers: 'Uploads and downloads that were stopped before they were done',
  aliases: "DIRAC's command names",
};

export function findDiracCommand(name: string): CommandEntry | undefined {
  return [...commandTable, ...diracTable].find(({ diracName }) => diracName === name);
}
