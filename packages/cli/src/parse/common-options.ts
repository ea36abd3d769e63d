import type { OptionTable } from '../command.js';

/** What DIRAC's commands lack, and have here. Spelled out always: none may make a shortened option of DIRAC ambiguous. */
export const beyondDiracOptions = {
  output: { type: 'string', value: 'text|json', describe: 'Print the result as text (the default) or as one JSON object' },
  // Scripts written for DIRAC's commands may rely on a 0 that is not the truth.
  'dirac-exit-codes': { type: 'boolean', describe: "Exit as DIRAC's command does, which mostly is with 0 when single files fail" },
} as const satisfies OptionTable;

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
  output: beyondDiracOptions.output,
  json: { type: 'boolean', describe: 'Short for --output json' },
  quiet: { type: 'boolean', describe: 'No progress, no hints, no warnings' },
  verbose: { alias: 'v', type: 'boolean', describe: 'Show remarks on the configuration, and requests without their signatures' },
  parallel: { type: 'number', value: 'N', describe: 'Files at a time, 1 to 64 (default 4; of small ones 16)' },
  'limit-rate': { type: 'string', value: 'RATE', describe: 'Bytes per second of all transfers together: 500k, 10M, 1.5G (powers of 1024)' },
  'token-file': { type: 'string', value: 'FILE', describe: 'File with the bearer token, mode 0600 (default: WLCG token discovery)' },
  proxy: { type: 'string', value: 'FILE', describe: 'File with the grid proxy, mode 0600 (default: X509_USER_PROXY, /tmp/x509up_u<uid>)' },
  catalog: {
    type: 'string',
    value: 'file-catalog|gateway',
    describe: "Work on the File Catalog's service, or on what the gateway has (default: the service where there is a proxy)",
  },
  as: { type: 'string', value: 'user:group', describe: 'Whose files are meant in an SQLite catalog, which takes your word for it' },
  'dirac-exit-codes': beyondDiracOptions['dirac-exit-codes'],
} as const satisfies OptionTable;

/** The options every command of DIRAC has. */
export const diracFrameOptions = {
  option: { ...commonOptions.option, describe: 'Option=value to add' },
  cfg: { ...commonOptions.cfg, describe: 'Load additional config file' },
  section: { alias: 's', type: 'string', value: 'PATH', describe: 'Section that -o options without a leading slash belong to' },
  cert: { alias: 'c', type: 'string', value: 'yes|no', describe: 'Use the host certificate (/DIRAC/Security/UseServerCertificate)' },
  debug: { alias: 'd', type: 'count', describe: 'Show remarks on the configuration, and requests without their signatures' },
} as const satisfies OptionTable;
