import type { Command, CommandEntry } from './command.js';
import type { OnlyDiracName } from './dirac-names.js';

export type DiracEntry = CommandEntry & { readonly diracName: OnlyDiracName };

const entry = (
  diracName: OnlyDiracName,
  { syntax, describe, load }: { syntax: string; describe: string; load: () => Promise<Command> },
): DiracEntry => ({ name: diracName, diracName, syntax, describe, load });

/** Commands that exist under DIRAC's names alone: other arguments than ours, a layout of their own, or a current directory in the catalog. */
export const diracTable: readonly DiracEntry[] = [
  entry('dirac-dms-catalog-metadata', {
    syntax: '<LFN> [Catalog..]',
    describe: 'Show size, GUID, status and checksum of files in the File Catalog',
    load: async () => (await import('./commands/catalog-entries.js')).catalogMetadata,
  }),
  entry('dirac-dms-find-lfns', {
    syntax: '[metaspec..]',
    describe: 'Find files in the File Catalog',
    load: async () => (await import('./commands/find.js')).findLfns,
  }),
  entry('dirac-dms-clean-directory', {
    syntax: '<LFN..>',
    describe: 'Remove all files below directories',
    load: async () => (await import('./commands/clean-directory.js')).cleanDirectory,
  }),
  entry('dirac-dms-replicate-lfn', {
    syntax: '<LFN> <Dest> [Source] [Cache]',
    describe: 'Copy files to another StorageElement and register the replicas',
    load: async () => (await import('./commands/replicate.js')).replicateLfn,
  }),
  entry('drepl', {
    syntax: '<lfn..>',
    describe: 'Copy files to other StorageElements and register the replicas',
    load: async () => (await import('./commands/replicate.js')).drepl,
  }),
  entry('dls', {
    syntax: '[PATH..]',
    describe: 'List files and directories in the File Catalog',
    load: async () => (await import('./commands/ls.js')).dls,
  }),
  entry('dcd', {
    syntax: '[path]',
    describe: 'Change the current directory in the File Catalog',
    load: async () => (await import('./commands/short-session.js')).dcd,
  }),
  entry('dpwd', {
    syntax: '',
    describe: 'Print the current directory in the File Catalog',
    load: async () => (await import('./commands/short-session.js')).dpwd,
  }),
  entry('dconfig', {
    syntax: '[option..]',
    describe: 'Show or change the configuration of the short commands',
    load: async () => (await import('./commands/short-session.js')).dconfig,
  }),
  entry('dgetenv', {
    syntax: '[option]',
    describe: 'Show what the short commands remember for this shell',
    load: async () => (await import('./commands/short-session.js')).dgetenv,
  }),
  entry('dget', {
    syntax: '<lfn..>',
    describe: 'Download files',
    load: async () => (await import('./commands/short-transfers.js')).dget,
  }),
  entry('dput', {
    syntax: '<local..>',
    describe: 'Upload files and register them',
    load: async () => (await import('./commands/short-transfers.js')).dput,
  }),
  entry('drm', {
    syntax: '[lfn..]',
    describe: 'Remove files from their StorageElements and from the File Catalog',
    load: async () => (await import('./commands/short-catalog.js')).drm,
  }),
  entry('dreplicas', {
    syntax: '<lfn..>',
    describe: 'Tell at which StorageElements files are',
    load: async () => (await import('./commands/short-catalog.js')).dreplicas,
  }),
  entry('dmkdir', {
    syntax: '<path..>',
    describe: 'Make directories in the File Catalog',
    load: async () => (await import('./commands/short-catalog.js')).dmkdir,
  }),
  entry('drmdir', {
    syntax: '<path..>',
    describe: 'Remove empty directories from the File Catalog',
    load: async () => (await import('./commands/short-catalog.js')).drmdir,
  }),
  entry('dchmod', {
    syntax: '<MODE> <Path..>',
    describe: 'Change who may read and write files and directories',
    load: async () => (await import('./commands/change-paths.js')).dchmod,
  }),
  entry('dchown', {
    syntax: '<OWNER> <Path..>',
    describe: 'Change to whom files and directories belong',
    load: async () => (await import('./commands/change-paths.js')).dchown,
  }),
  entry('dchgrp', {
    syntax: '<GROUP> <Path..>',
    describe: 'Change to which group files and directories belong',
    load: async () => (await import('./commands/change-paths.js')).dchgrp,
  }),
  entry('dsize', {
    syntax: '[path]',
    describe: 'Tell how large a file or directory is',
    load: async () => (await import('./commands/du.js')).dsize,
  }),
  entry('dfind', {
    syntax: '<lfn> [metaspec..]',
    describe: 'Find files below a directory of the File Catalog',
    load: async () => (await import('./commands/find.js')).dfind,
  }),
];
