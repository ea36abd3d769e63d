import type { Command, CommandEntry } from './command.js';

/** DIRAC's command, and ours that does about the same in our way. */
export type DiracEntry = CommandEntry & { readonly diracName: string; readonly like: string };

const entry = (
  diracName: string,
  { like, syntax, describe, load }: { like: string; syntax: string; describe: string; load: () => Promise<Command> },
): DiracEntry => ({ name: diracName, diracName, like, syntax, describe, load });

/** Commands that exist under DIRAC's names alone: other arguments than ours, a layout of their own, or a current directory in the catalog. */
export const diracTable: readonly DiracEntry[] = [
  entry('dirac-dms-catalog-metadata', {
    like: 'meta',
    syntax: '<LFN> [Catalog..]',
    describe: 'Show size, GUID, status and checksum of files in the File Catalog',
    load: async () => (await import('./commands/catalog-entries.js')).catalogMetadata,
  }),
  entry('dirac-dms-find-lfns', {
    like: 'find',
    syntax: '[metaspec..]',
    describe: 'Find files in the File Catalog',
    load: async () => (await import('./commands/find.js')).findLfns,
  }),
  entry('dirac-dms-clean-directory', {
    like: 'rm --recursive',
    syntax: '<LFN..>',
    describe: 'Remove all files below directories',
    load: async () => (await import('./commands/clean-directory.js')).cleanDirectory,
  }),
  entry('dirac-dms-replicate-lfn', {
    like: 'replicate',
    syntax: '<LFN> <Dest> [Source] [Cache]',
    describe: 'Copy files to another StorageElement and register the replicas',
    load: async () => (await import('./commands/replicate.js')).replicateLfn,
  }),
  entry('drepl', {
    like: 'replicate',
    syntax: '<lfn..>',
    describe: 'Copy files to other StorageElements and register the replicas',
    load: async () => (await import('./commands/replicate.js')).drepl,
  }),
  entry('dls', {
    like: 'ls',
    syntax: '[PATH..]',
    describe: 'List files and directories in the File Catalog',
    load: async () => (await import('./commands/ls.js')).dls,
  }),
  entry('dcd', {
    like: '',
    syntax: '[path]',
    describe: 'Change the current directory in the File Catalog',
    load: async () => (await import('./commands/short-session.js')).dcd,
  }),
  entry('dpwd', {
    like: '',
    syntax: '',
    describe: 'Print the current directory in the File Catalog',
    load: async () => (await import('./commands/short-session.js')).dpwd,
  }),
  entry('dconfig', {
    like: '',
    syntax: '[option..]',
    describe: 'Show or change the configuration of the short commands',
    load: async () => (await import('./commands/short-session.js')).dconfig,
  }),
  entry('dget', {
    like: 'get',
    syntax: '<lfn..>',
    describe: 'Download files',
    load: async () => (await import('./commands/short-transfers.js')).dget,
  }),
  entry('dput', {
    like: 'put',
    syntax: '<local..>',
    describe: 'Upload files and register them',
    load: async () => (await import('./commands/short-transfers.js')).dput,
  }),
  entry('drm', {
    like: 'rm',
    syntax: '[lfn..]',
    describe: 'Remove files from their StorageElements and from the File Catalog',
    load: async () => (await import('./commands/short-catalog.js')).drm,
  }),
  entry('dreplicas', {
    like: 'replicas',
    syntax: '<lfn..>',
    describe: 'Tell at which StorageElements files are',
    load: async () => (await import('./commands/short-catalog.js')).dreplicas,
  }),
  entry('dmkdir', {
    like: 'mkdir',
    syntax: '<path..>',
    describe: 'Make directories in the File Catalog',
    load: async () => (await import('./commands/short-catalog.js')).dmkdir,
  }),
  entry('dsize', {
    like: 'du',
    syntax: '[path]',
    describe: 'Tell how large a file or directory is',
    load: async () => (await import('./commands/du.js')).dsize,
  }),
  entry('dfind', {
    like: 'find',
    syntax: '<lfn> [metaspec..]',
    describe: 'Find files below a directory of the File Catalog',
    load: async () => (await import('./commands/find.js')).dfind,
  }),
];
