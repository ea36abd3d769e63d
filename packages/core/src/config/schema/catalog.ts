import type { SecurityManagerName } from '../types.js';
import { hint, list, oneOf, text, yesNo, type Kind } from '../kinds.js';
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

/** `/Systems/DataManagement/Services/FileCatalog`: how the embedded catalog judges. */
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
      '`Sqlite`: the embedded catalog, one file. `Gateway`: the REST interface of the gateway (command line). Others belong to DIRAC and are left alone.',
    example: 'Sqlite',
  }),
  path: option('Path', text, { meaning: 'File of the `Sqlite` catalog.', example: '/opt/dirac/data/catalog.sqlite' }),
} satisfies OptionTable;
