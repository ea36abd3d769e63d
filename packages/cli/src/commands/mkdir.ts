import { bulkMap, type BulkResult, type Lfn } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, readNames } from '../names.js';
import { bulkResult, lines } from '../output/result.js';
import type { Session } from '../session.js';

export const mkdir: Command = {
  positionals: [{ name: 'DIRECTORY', describe: 'Logical names; or one file with a name in each line', required: true, many: true }],
  options: {
    owner: { type: 'string', value: 'user:group', describe: 'Whose it is to be, in an SQLite catalog; needs --mode' },
    mode: { type: 'string', value: 'MODE', describe: 'Its permission bits in octal, in an SQLite catalog; needs --owner' },
  },
  examples: [
    ['/vo/user/a/alice/run42', 'A directory of mine, with those above it'],
    ['/vo/user/a/alice --owner alice:vo_user --mode 0700', 'A home for a user, made by the keeper of an SQLite catalog'],
  ],
  notes:
    'Uploads make the directories they need. With --owner and --mode nobody is asked for permission: whoever can write the file of an ' +
    'SQLite catalog is its administrator, and a directory that exists is given to the owner. New ones above it belong to nobody.',
  readOnly: false,
  run: async ({ openSession }, args) => {
    const owner = parseOwner(args.text('owner'), args.text('mode'));
    const names = await readNames(args.positionals);
    const session = await openSession();
    const result = await askAbout(names, owner === undefined ? await asUser(session) : await asAdministrator(session, owner));
    return bulkResult(result, { text: lines((directory) => `${directory} is there`), entry: () => ({}) });
  },
};

export const rmdir: Command = {
  positionals: [{ name: 'DIRECTORY', describe: 'Logical names; or one file with a name in each line', required: true, many: true }],
  options: {},
  examples: [['/vo/user/a/alice/old/run41 /vo/user/a/alice/old', 'A directory of mine, and then the one it stood in']],
  notes: 'One that holds anything is refused: "rm --recursive" removes the files in it. Nothing stored is touched.',
  readOnly: false,
  run: async ({ openSession }, args) => {
    const names = await readNames(args.positionals);
    const catalog = await (await openSession()).catalog();
    const result = await askAbout(names, (directories) => catalog.removeDirectories(directories));
    return bulkResult(result, { text: lines((directory) => `${directory} is removed`), entry: () => ({}) });
  },
};

type Make = (directories: readonly Lfn[]) => Promise<BulkResult<true, Lfn>>;

async function asUser(session: Session): Promise<Make> {
  const catalog = await session.catalog();
  return (directories) => catalog.createDirectories(directories);
}

async function asAdministrator(session: Session, owner: Ownership): Promise<Make> {
  const administration = await session.administration();
  return (directories) =>
    bulkMap(directories, async (path) => {
      await administration.createDirectories([{ path, ...owner }]);
      return true as const;
    });
}

interface Ownership {
  readonly owner: string;
  readonly group: string;
  readonly mode: number;
}

function parseOwner(owner: string | undefined, mode: string | undefined): Ownership | undefined {
  if (owner === undefined && mode === undefined) return undefined;
  if (owner === undefined || mode === undefined) throw new UsageError('--owner and --mode belong together');
  const names = /^([^:]+):([^:]+)$/.exec(owner);
  if (names === null) throw new UsageError(`--owner: "${owner}" is not of the form user:group`);
  if (!/^0?[0-7]{3}$/.test(mode)) throw new UsageError(`--mode: "${mode}" is not three octal digits, like 0755`);
  return { owner: names[1]!, group: names[2]!, mode: Number.parseInt(mode, 8) };
}
