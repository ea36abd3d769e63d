import type { PathChange } from '@dirac-s3/core/ports';
import type { Command, CommandArguments, CommandContext, Example, OptionTable, Positional } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAboutPaths, readNames } from '../names.js';
import { printable } from '../output/printable.js';
import { bulkResult, lines, type CommandResult } from '../output/result.js';
import { resolvePaths } from '../shell/profile.js';

/** `chmod`, `chown` or `chgrp`: the first word says what to change, the others of what. */
interface Change {
  readonly value: Positional;
  /** @throws UsageError: the word makes no sense */
  readonly parse: (word: string) => PathChange;
  /** What is told of a path that was changed. */
  readonly told: string;
  readonly examples: readonly [ours: readonly Example[], short: readonly Example[]];
  readonly notes: string;
}

const mode: Change = {
  value: { name: 'MODE', describe: 'Permission bits in octal, like 0755', required: true },
  parse: (word) => {
    const [, digits] = /^(?:0o?)?([0-7]{1,3})$/.exec(word) ?? [];
    if (digits === undefined) throw new UsageError(`"${word}" is no mode: up to three octal digits, like 0755`);
    return { mode: Number.parseInt(digits, 8) };
  },
  told: 'has the mode',
  examples: [
    [
      ['0644 /vo/user/a/alice/data.bin', 'A file everybody may read'],
      ['-R 0700 /vo/user/a/alice/private', 'A directory of mine alone, with all that is in it'],
    ],
    [
      ['755 data.bin', 'A file of the current directory'],
      ['-R 700 .', 'The current directory, with all that is in it'],
    ],
  ],
  notes: 'Of directories, the bits of owner, group and others add up; of files, one of the three decides.',
};

const ownNames = 'The catalog takes any name: it does not know who exists.';

const owner: Change = {
  value: { name: 'OWNER', describe: 'User the files are to belong to', required: true },
  parse: (word) => {
    if (word.includes(':')) throw new UsageError(`"${word}" is no user: the group is changed with chgrp`);
    return { owner: word };
  },
  told: 'belongs to',
  examples: [
    [['bob /vo/user/a/alice/data.bin', 'A file that is to be of another user']],
    [['-R bob .', 'The current directory, with all that is in it']],
  ],
  notes: `${ownNames} Most catalogs let administrators alone do this.`,
};

const group: Change = {
  value: { name: 'GROUP', describe: 'Group the files are to belong to', required: true },
  parse: (word) => ({ ownerGroup: word }),
  told: 'belongs to the group',
  examples: [
    [['vo_analysis /vo/user/a/alice/data.bin', 'A file that is to be of another group']],
    [['-R vo_analysis .', 'The current directory, with all that is in it']],
  ],
  notes: `${ownNames} Most catalogs let administrators alone do this.`,
};

const options = {
  recursive: { alias: 'R', type: 'boolean', describe: 'Of directories, all that stands below them too' },
} as const satisfies OptionTable;

export const chmod = ours(mode);
export const chown = ours(owner);
export const chgrp = ours(group);

/** DIRAC's short commands: relative names, and not a word when all went well. */
export const dchmod = short(mode);
export const dchown = short(owner);
export const dchgrp = short(group);

function ours({ value, parse, told, examples: [examples], notes }: Change): Command {
  return {
    positionals: [
      value,
      { name: 'PATH', describe: 'Files or directories; or one file with a name in each line', required: true, many: true },
    ],
    options,
    examples,
    notes,
    readOnly: false,
    run: (context, args) => {
      const below = args.flag('recursive') ? ', with all below it' : '';
      const text = (word: string): Told => lines((path) => `${path} ${told} ${printable(word)}${below}`);
      return changed(context, args, { parse, names: readNames, text });
    },
  };
}

function short({ value, parse, examples: [, examples], notes }: Change): Command {
  return {
    positionals: [value, { name: 'Path', describe: 'Files or directories', required: true, many: true }],
    options: {},
    diracOptions: options,
    examples,
    notes,
    readOnly: false,
    run: (context, args) => changed(context, args, { parse, names: (words) => resolvePaths(context, words), text: () => () => '' }),
  };
}

type Told = ReturnType<typeof lines<true>>;

async function changed(
  { openSession }: CommandContext,
  args: CommandArguments,
  asked: Pick<Change, 'parse'> & {
    readonly names: (words: readonly string[]) => Promise<readonly string[]>;
    readonly text: (word: string) => Told;
  },
): Promise<CommandResult> {
  const [word = '', ...words] = args.positionals;
  const change = asked.parse(word);
  const names = await asked.names(words);
  const catalog = await (await openSession()).catalog();
  const result = await askAboutPaths(names, (paths) => catalog.changePaths(paths, change, { recursive: args.flag('recursive') }));
  return bulkResult(result, { text: asked.text(word), entry: () => ({ ...change }) });
}
