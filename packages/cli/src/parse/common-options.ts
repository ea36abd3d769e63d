import type { OptionTable } from '../command.js';

/** Options of every command. */
export const commonOptions = {
  option: {
    alias: 'o',
    type: 'string',
    repeatable: true,
    value: 'path=value',
    describe: 'One option of the configuration, above all files; may be repeated',
  },
  cfg: {
    type: 'string',
    repeatable: true,
    value: 'FILE',
    describe: 'Configuration file, above the usual ones; may be repeated',
  },
  json: { type: 'boolean', describe: 'Print the result as one JSON object' },
  quiet: { type: 'boolean', describe: 'No progress, no hints, no warnings' },
  verbose: { alias: 'v', type: 'boolean', describe: 'Show remarks on the configuration, and requests without their signatures' },
  parallel: { type: 'number', value: 'N', describe: 'Files at a time, 1 to 64 (default 4)' },
  'token-file': { type: 'string', value: 'FILE', describe: 'File with the bearer token, mode 0600 (default: WLCG token discovery)' },
  as: { type: 'string', value: 'user:group', describe: 'Whose files are meant in an SQLite catalog, which takes your word for it' },
} as const satisfies OptionTable;

/** The options every command of DIRAC has. */
export const diracFrameOptions = {
  option: { ...commonOptions.option, describe: 'Option=value to add' },
  cfg: { ...commonOptions.cfg, describe: 'Load additional config file' },
  debug: { alias: 'd', type: 'count', describe: 'Show remarks on the configuration, and requests without their signatures' },
} as const satisfies OptionTable;
