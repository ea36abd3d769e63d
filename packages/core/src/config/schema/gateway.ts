import type { GatewaySettings, PresignPolicies } from '../types.js';
import { integer, oneOf, text, type Kind } from '../kinds.js';
import { option, type OptionTable } from './option.js';

const levels: Kind<GatewaySettings['logLevel']> = {
  ...oneOf('debug', 'info', 'warn', 'error'),
  read: (value) => oneOf('debug', 'info', 'warn', 'error').read(value.toLowerCase()),
};

const timeout = integer(1, 86_400);

/** `/Systems/DataManagement/Services/S3Gateway`. */
export const gatewayOptions = {
  host: option('Host', text, {
    written: 'every address with https, else `127.0.0.1`',
    meaning: 'Address to listen on. `0.0.0.0` or `::` is every one.',
    example: '0.0.0.0',
  }),
  port: option('Port', integer(0, 65_535), { fallback: 9169, meaning: 'Port to listen on; `0` is any free one.', example: '8443' }),
  certFile: option('CertFile', text, {
    written: 'CertFile of `/DIRAC/Security`, else plain http',
    meaning: 'PEM file with the certificate of the gateway and its chain. Needs KeyFile.',
    example: '/opt/dirac/etc/grid-security/hostcert.pem',
  }),
  keyFile: option('KeyFile', text, {
    written: 'KeyFile of `/DIRAC/Security`',
    meaning: 'PEM file with the key of that certificate.',
    example: '/opt/dirac/etc/grid-security/hostkey.pem',
  }),
  metricsHost: option('MetricsHost', text, {
    fallback: '127.0.0.1',
    meaning: 'Address of the listener for metrics. Whoever reaches it may read them.',
    example: '10.0.0.5',
  }),
  metricsPort: option('MetricsPort', integer(0, 65_535), {
    written: 'no metrics are served',
    meaning: 'Port on which `GET /metrics` is answered, for Prometheus, by plain http; `0` is any free one.',
    example: '9171',
  }),
  logLevel: option('LogLevel', levels, { fallback: 'info', meaning: 'Least important level that is logged.', example: 'debug' }),
  maxItems: option('MaxItems', integer(1, 1_000_000), { fallback: 10_000, meaning: 'LFNs in one request.', example: '1000' }),
  maxBodyBytes: option('MaxBodyBytes', integer(1024, 1_073_741_824), {
    fallback: 8_388_608,
    meaning: 'Bytes in the body of one request.',
    example: '1048576',
  }),
  requestTimeoutSeconds: option('RequestTimeout', timeout, {
    fallback: 60,
    meaning: 'Seconds a client has to send a whole request.',
    example: '30',
  }),
  headersTimeoutSeconds: option('HeadersTimeout', timeout, {
    fallback: 10,
    meaning: 'Seconds a client has to send the headers.',
    example: '5',
  }),
  shutdownTimeoutSeconds: option('ShutdownTimeout', timeout, {
    fallback: 30,
    meaning: 'Seconds that requests which run at shutdown have to finish.',
    example: '60',
  }),
} satisfies OptionTable;

/** Everything that may stand in that section: the choice of the catalog concerns every process. */
export const gatewayEntries = {
  ...gatewayOptions,
  catalog: option('FileCatalog', text, {
    written: 'the only one that is supported',
    meaning: 'Section of `/Resources/FileCatalogs` to use.',
    example: 'FileCatalog',
  }),
} satisfies OptionTable;

/** `…/S3Gateway/Policies`. */
export const policyOptions = {
  deleteUnregistered: option('DeleteUnregistered', oneOf<PresignPolicies['deleteUnregistered']>('need-write', 'as-dirac'), {
    fallback: 'need-write',
    meaning:
      'Deleting an object whose LFN is not in the catalog needs Write on the nearest directory that is; or whatever the catalog answers (some managers let everybody).',
    example: 'as-dirac',
  }),
  putRegistered: option('PutRegistered', oneOf<PresignPolicies['putRegistered']>('refuse', 'as-dirac'), {
    fallback: 'refuse',
    meaning: 'Upload where a replica is registered at this StorageElement: refused; or whatever the catalog answers.',
    example: 'as-dirac',
  }),
  openRoot: option('OpenRoot', oneOf<PresignPolicies['openRoot']>('never', 'as-dirac'), {
    fallback: 'never',
    meaning: 'FullSecurityManager lets everybody do everything with the root directory: never; or as it does.',
    example: 'as-dirac',
  }),
} satisfies OptionTable;

/** Options and sections of every DIRAC service that this gateway does not need: no reason for a warning. */
export const otherServiceEntries = new Set([
  'Protocol',
  'Module',
  'LoadName',
  'HandlerPath',
  'MaxThreads',
  'MinThreads',
  'MaxWaitingPetitions',
  'CloneProcesses',
  'SSLSessionTime',
  'SSLMethods',
  'Ciphers',
  'IgnoreCRLs',
  'LogBackends',
  'LogBackendsConfig',
  'Disabled',
  'PollingTime',
]);
