import { integer, list, text, yesNo } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** `/DIRAC/Configuration`: the Configuration service of the installation. */
export const configurationServiceOptions = {
  servers: option('Servers', list, {
    fallback: [],
    meaning:
      'URLs of the Configuration service, `dips://` and `https://`. Its tree is the lowest layer; servers named in it are asked too. Without any, the files are everything.',
    example: 'dips://cs.example.org:9135/Configuration/Server',
  }),
  refreshSeconds: option('RefreshTime', integer(1, 86_400), {
    fallback: 300,
    meaning: 'Seconds between two questions for a newer configuration.',
    example: '60',
  }),
} satisfies OptionTable;

/** `/DIRAC/Security`: what a client of DIRAC services shows and trusts. */
export const securityOptions = {
  useServerCertificate: option('UseServerCertificate', yesNo, {
    fallback: false,
    meaning: 'Show the certificate of this host instead of the proxy of a user.',
    example: 'yes',
  }),
  useTokens: option('UseTokens', yesNo, {
    fallback: false,
    meaning: 'Send a bearer token instead of a certificate, to `https://` URLs. `DIRAC_USE_ACCESS_TOKEN` counts first.',
    example: 'yes',
  }),
  certFile: option('CertFile', text, {
    written: '`{server,host,dirac,service}cert.pem` in Grid-Security, then in `etc/grid-security` below `DIRAC_ROOT_PATH`',
    meaning: 'PEM file with the certificate of this host. `DIRAC_X509_HOST_CERT` counts first.',
    example: '/opt/dirac/etc/grid-security/hostcert.pem',
  }),
  keyFile: option('KeyFile', text, {
    written: 'likewise, `…key.pem`',
    meaning: 'PEM file with its key. `DIRAC_X509_HOST_KEY` counts first.',
    example: '/opt/dirac/etc/grid-security/hostkey.pem',
  }),
  gridSecurity: option('Grid-Security', text, {
    meaning: 'Directory with host certificate and key, and with the authorities in `certificates`.',
    example: '/opt/dirac/etc/grid-security',
  }),
  caLocation: option('CALocation', text, {
    written: '`X509_CERT_DIR`, then `etc/grid-security/certificates` below `DIRAC_ROOT_PATH`, then `/etc/grid-security/certificates`',
    meaning: 'Directory with the authorities to trust, hashed names. `certificates` in Grid-Security counts first.',
    example: '/etc/grid-security/certificates',
  }),
  skipCaChecks: option('SkipCAChecks', yesNo, {
    fallback: false,
    meaning: 'Not obeyed: servers are always verified. Set, it is a warning.',
    example: 'no',
  }),
} satisfies OptionTable;

/** `/Systems/ResourceStatus/URLs`. */
export const resourceStatusUrlOptions = {
  urls: option('ResourceStatus', list, {
    fallback: [],
    written: 'none: the options of each StorageElement say all',
    meaning: 'URLs of the service that knows the states of StorageElements. With v7 and v8 it is asked where `State` below is `Active`.',
    example: 'https://dirac.example.org:8443/ResourceStatus/ResourceStatus',
  }),
} satisfies OptionTable;

/** `/Operations/<section>/ResourceStatus/Config`. */
export const resourceStatusOptions = {
  state: option('State', text, {
    meaning: 'DIRAC v7 and v8: `Active`, and the states come from the service instead of the options.',
    example: 'Active',
  }),
  cacheSeconds: option('Cache', integer(1, 86_400), {
    fallback: 300,
    meaning: 'Seconds between two questions for the states. After three times as long without an answer every StorageElement is closed.',
    example: '60',
  }),
} satisfies OptionTable;
