import type { SecurityManagerName } from '../types.js';
import { hint, integer, list, oneOf, text, yesNo, type Kind } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** A mode, written in decimal: DIRAC reads `0775` as 775, which is the mode 1407. */
const decimalMode: Kind<number> = {
  type: 'decimal number from 0 to 511',
  read: (value) => {
    const number = /^(?:0|[1-9]\d{0,3})$/.test(value) ? Number(value) : Number.NaN;
    if (number <= 0o777) return { value: number };
    const digits = /^(?:0o?)?([0-7]{3})$/i.exec(value)?.[1];
    if (digits === undefined) return { fault: `must be a mode written as a decimal number from 0 to 511${hint(value)}` };
    return {
      fault: `must be decimal, and looks octal: write ${Number.parseInt(digits, 8)} for the mode ${digits} (DIRAC would read ${Number(value.replace(/^0o?/i, ''))})`,
    };
  },
};

/** `/Systems/DataManagement/Services/FileCatalog`: how the embedded catalog and the reader of FileCatalogDB judge. */
export const catalogRuleOptions = {
  securityManager: option(
    'SecurityManager',
    oneOf<SecurityManagerName>(
      'VOMSSecurityManager',
      'FullSecurityManager',
      'DirectorySecurityManagerWithDelete',
      'DirectorySecurityManager',
      'NoSecurityManager',
    ),
    {
      fallback: 'VOMSSecurityManager',
      meaning: "Rules of permission. DIRAC's own default is `NoSecurityManager`: none.",
      example: 'VOMSSecurityManager',
    },
  ),
  globalReadAccess: option('GlobalReadAccess', yesNo, {
    fallback: false,
    meaning: "May every authenticated user read everything? DIRAC's own default is yes.",
    example: 'no',
  }),
  defaultMode: option('DefaultUmask', decimalMode, {
    fallback: 509,
    meaning: 'Mode (not a mask) of new directories and files, in decimal: 509 is `rwxrwxr-x`, 493 is `rwxr-xr-x`.',
    example: '493',
  }),
  visibleStates: option('VisibleFileStatus', list, {
    fallback: ['AprioriGood'],
    meaning: 'States in which a file is seen by ordinary questions.',
    example: 'AprioriGood, Probing',
  }),
} satisfies OptionTable;

/** `/Resources/FileCatalogs/<name>`. */
export const fileCatalogOptions = {
  type: option('CatalogType', text, {
    written: 'name of the section',
    meaning:
      "`Sqlite`: the embedded catalog, one file. `FileCatalogDB`: the database of DIRAC's File Catalog, read only (gateway). `FileCatalog`: the service of DIRAC's File Catalog (gateway); taken where there is none of the others. `Gateway`: the REST interface of the gateway (command line). Others belong to DIRAC and are left alone.",
    example: 'Sqlite',
  }),
  path: option('Path', text, { meaning: 'File of the `Sqlite` catalog.', example: '/opt/dirac/data/catalog.sqlite' }),
} satisfies OptionTable;

/** `/Resources/FileCatalogs/<name>` of the type `FileCatalogDB`. */
export const fileCatalogDbOptions = {
  host: option('Host', text, { fallback: 'localhost', meaning: 'Server of MySQL or MariaDB: the primary.', example: 'db.example.org' }),
  port: option('Port', integer(1, 65_535), { fallback: 3306, meaning: 'Its port.', example: '3306' }),
  socketPath: option('Socket', text, { meaning: 'Unix socket, used in place of `Host` and `Port`.', example: '/run/mysqld/mysqld.sock' }),
  database: option('DBName', text, { fallback: 'FileCatalogDB', meaning: 'Name of the database.', example: 'FileCatalogDB' }),
  user: option('User', text, {
    required: true,
    meaning: 'Account with SELECT on the tables of the catalog and nothing else.',
    example: 'dirac_s3',
  }),
  password: option('Password', text, { required: true, meaning: 'Its password.', example: 'secret' }),
  caFile: option('CAFile', text, {
    meaning:
      'PEM file of certificate authorities. Set, the connection is TLS and the name of the server is checked; without it nothing is encrypted.',
    example: '/opt/dirac/etc/db-ca.pem',
  }),
  connections: option('Connections', integer(1, 1000), { fallback: 10, meaning: 'Most connections at a time.', example: '20' }),
  allowReplica: option('AllowReplica', yesNo, {
    fallback: false,
    meaning: 'May a read-only server be asked? A replica learns late what was revoked, so by default it is refused.',
    example: 'no',
  }),
  compareWithService: option('CompareWithService', oneOf<'refuse' | 'report' | 'no'>('refuse', 'report', 'no'), {
    fallback: 'refuse',
    meaning:
      'What happens at the start when the service of `CatalogURL` answers otherwise than the database: the gateway does not start, or says so and starts, or does not compare.',
    example: 'report',
  }),
} satisfies OptionTable;

/** `/Resources/FileCatalogs/<name>` of the types `FileCatalog` and `FileCatalogDB`: the service. */
export const fileCatalogServiceOptions = {
  service: option('CatalogURL', text, {
    written: '`DataManagement/FileCatalog` with `FileCatalog`, none with `FileCatalogDB`',
    meaning:
      'Service of the File Catalog, found by its URLs. With `FileCatalogDB` it does what users change, which the database is not asked for.',
    example: 'DataManagement/FileCatalog',
  }),
  timeoutSeconds: option('TimeoutSeconds', integer(1, 300), {
    fallback: 10,
    meaning: 'Longest time for one question, whatever has to be done for it and whichever server is asked; then it is refused.',
    example: '5',
  }),
} satisfies OptionTable;

/** `/Resources/FileCatalogs/<name>`: how long answers about permission are remembered. */
export const catalogCacheOptions = {
  allowedSeconds: option('CacheAllowedSeconds', integer(0, 3600), {
    fallback: 0,
    meaning:
      'How long a permission is remembered: a revoked one lives on for as long. 0: not at all. Permission to remove is never remembered.',
    example: '5',
  }),
  refusedSeconds: option('CacheRefusedSeconds', integer(0, 3600), {
    fallback: 0,
    meaning: 'How long a refusal is remembered. 0: not at all.',
    example: '5',
  }),
  cacheSize: option('CacheSize', integer(1, 10_000_000), {
    fallback: 100_000,
    meaning: 'Most answers remembered at a time.',
    example: '10000',
  }),
} satisfies OptionTable;
