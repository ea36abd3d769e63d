import { list, text } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** `/DIRAC`. */
export const diracOptions = {
  vo: option('VirtualOrganization', text, { meaning: 'The one VO of this installation: every group belongs to it.', example: 'lhcb' }),
  setup: option('Setup', text, {
    meaning:
      'Setup of DIRAC v7 and v8; chooses the sections of `/Operations` and, by `/DIRAC/Setups/<Setup>/DataManagement`, the instance below `/Systems/DataManagement`.',
    example: 'Production',
  }),
} satisfies OptionTable;

/** `/DIRAC/Configuration`. */
export const layerOptions = {
  centralFile: option('CentralFile', text, {
    meaning: 'File with the central configuration, the lowest layer.',
    example: '/opt/dirac/etc/central.cfg',
  }),
} satisfies OptionTable;

/** `/Registry`. */
export const registryOptions = {
  defaultGroups: option('DefaultGroup', list, {
    fallback: ['user'],
    meaning: 'Groups of a caller who names none, in order of preference: the first he is in. Else the alphabetically first of his groups.',
    example: 'lhcb_user, gridpp_user',
  }),
} satisfies OptionTable;

/** `/Registry/Users/<user>`. */
export const userOptions = {
  dns: option('DN', list, { fallback: [], meaning: 'Distinguished names of the user.', example: '/DC=org/DC=example/CN=alice' }),
  suspendedVos: option('Suspended', list, { fallback: [], meaning: 'VOs in which the user is suspended.', example: 'lhcb' }),
  defaultGroups: option('DefaultGroup', list, {
    fallback: [],
    meaning: 'Groups of this user when he names none; they come before those of `/Registry`.',
    example: 'lhcb_prod',
  }),
} satisfies OptionTable;

/** `/Registry/Hosts/<host>`. */
export const hostOptions = {
  dns: option('DN', list, {
    fallback: [],
    meaning: 'Distinguished names of the host.',
    example: '/DC=org/DC=example/CN=dirac.example.org',
  }),
  properties: option('Properties', list, {
    fallback: [],
    meaning: 'Properties of the host; `TrustedHost` lets it act for users.',
    example: 'TrustedHost',
  }),
} satisfies OptionTable;

/** `/Registry/Groups/<group>`. */
export const groupOptions = {
  users: option('Users', list, { fallback: [], meaning: 'Members, by user name.', example: 'alice, bob' }),
  properties: option('Properties', list, {
    fallback: [],
    meaning: 'Properties of the group; `FileCatalogManagement` makes its members administrators of the catalog.',
    example: 'NormalUser',
  }),
  vo: option('VO', text, {
    written: '`/DIRAC/VirtualOrganization`, which counts first when set',
    meaning: 'VO of the group.',
    example: 'lhcb',
  }),
  vomsRole: option('VOMSRole', text, {
    meaning: 'Groups with the same one share their rights under `VOMSSecurityManager`.',
    example: '/lhcb/Role=user',
  }),
} satisfies OptionTable;

/** `/Systems/DataManagement/URLs`. */
export const urlOptions = {
  gateway: option('S3Gateway', list, {
    fallback: [],
    meaning: 'Where the gateway answers, in the order to try. `$MAINSERVERS$` as host stands for those of `MainServers` in Operations.',
    example: 'https://s3gw.example.org:8443/DataManagement/S3Gateway',
  }),
} satisfies OptionTable;

const protocols = (name: string, use: string, fallback: readonly string[]) =>
  option(name, list, { fallback, meaning: use, example: name === 'ThirdPartyProtocols' ? 'https, root' : 's3, https' });

/** `DataManagement` in `/Operations`, with DIRAC's defaults (`DMSHelpers`). */
export const protocolOptions = {
  access: protocols('AccessProtocols', 'Protocols for reading. Must hold `s3`, unless the StorageElement has its own list.', [
    'srm',
    'dips',
  ]),
  write: protocols('WriteProtocols', 'Protocols for writing. Must hold `s3`, unless the StorageElement has its own list.', ['srm', 'dips']),
  registration: protocols(
    'RegistrationProtocols',
    'Protocols of the URLs that are registered. Must hold `s3`: without it DIRAC fails after the upload.',
    ['srm', 'dips'],
  ),
  thirdParty: protocols(
    'ThirdPartyProtocols',
    'Protocols between two stores. `s3` is ignored here: no S3 store fetches from another one.',
    ['srm'],
  ),
} satisfies OptionTable;
