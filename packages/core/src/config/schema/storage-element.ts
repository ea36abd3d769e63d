import type { AddressingStyle, UnsignedHeaders } from '../../domain/index.js';
import { checked, integer, list, oneOf, text, yesNo } from '../kinds.js';
import { bucket, endpoint, host, instant, keyText, port, region } from './kinds-of-s3.js';
import { option, type OptionTable } from './option.js';

/** SigV4 knows no longer life (604 800 seconds: seven days). */
export const longestExpiration = 604_800;

/** What `ReadAccess` and the like may say; only the first two permit (`StorageElement.status`). */
export const statusWords = ['Active', 'Degraded', 'Banned', 'Probing', 'Error', 'InActive', 'Unknown'] as const;

const status = (kind: string, does: string) =>
  option(`${kind}Access`, text, {
    fallback: 'Active',
    meaning: `May this StorageElement be used ${does}? \`Active\` and \`Degraded\` permit, every other word forbids. Not inherited from the base.`,
    example: 'Banned',
  });

/** Options of the StorageElement itself: `/Resources/StorageElements/<SE>`. */
export const storageElementOptions = {
  alias: option('Alias', text, {
    meaning: 'This name stands for another StorageElement, whose configuration replaces this one completely. Chains are followed.',
    example: 'CERN-S3',
  }),
  base: option('BaseSE', text, {
    meaning:
      'Section of `/Resources/StorageElementBases` to inherit from, one level: options of this StorageElement override it one by one, protocol sections of the same name are merged and an empty value does not override there.',
    example: 'S3-BASE',
  }),
  vos: option('VO', list, {
    fallback: [],
    written: 'every VO',
    meaning: 'Virtual organisations that may use it.',
    example: 'lhcb, gridpp',
  }),
  accessProtocols: option('AccessProtocols', list, {
    meaning: 'Protocols for reading, instead of those of Operations. `s3` must be among them.',
    written: 'Operations',
    example: 's3',
  }),
  writeProtocols: option('WriteProtocols', list, {
    meaning: 'Protocols for writing, instead of those of Operations. `s3` must be among them.',
    written: 'Operations',
    example: 's3',
  }),
  readAccess: status('Read', 'for reading'),
  writeAccess: status('Write', 'for writing'),
  removeAccess: status('Remove', 'for removing'),
  checkAccess: status('Check', 'to ask for metadata (reading permits it too)'),
} satisfies OptionTable;

const seconds = integer(1, longestExpiration);

/** Options of its S3 protocol section: `/Resources/StorageElements/<SE>/<section>`. */
export const s3SectionOptions = {
  plugin: option('PluginName', text, {
    written: 'name of the section',
    meaning: 'Must be `S3`, unless the section is called `S3`.',
    example: 'S3',
  }),
  protocol: option(
    'Protocol',
    checked('text', (value) => (value === 's3' ? undefined : 'must be s3')),
    {
      required: true,
      meaning: 'The protocol of the S3 plugin: `s3`.',
      example: 's3',
    },
  ),
  access: option('Access', text, {
    meaning: '`remote`: for everybody. Unmodified DIRAC clients take anything else for "only from the same site".',
    example: 'remote',
  }),
  host: option('Host', host, { required: true, meaning: 'Host of the S3 endpoint.', example: 's3.example.org' }),
  port: option('Port', port, {
    fallback: 0,
    written: '443 or 80',
    meaning:
      'Port of the endpoint. Absent, `0` and the default port of the scheme are the same, and are never written into a URL. DIRAC itself needs a number here.',
    example: '9000',
  }),
  bucket: option('Path', bucket, { required: true, meaning: 'Name of the bucket: no slash, no prefix.', example: 'dirac-data' }),
  secure: option('SecureConnection', yesNo, {
    fallback: true,
    meaning: 'Use https (yes) or http (no). DIRAC itself uses https only for the exact word `True`.',
    example: 'True',
  }),
  region: option('Region', region, { fallback: 'us-east-1', meaning: 'Region of the signature.', example: 'eu-central-1' }),
  addressingStyle: option('AddressingStyle', oneOf<AddressingStyle>('path', 'virtual-host'), {
    fallback: 'path',
    meaning: 'Where the bucket is named in a URL: in its path, or in front of the host.',
    example: 'virtual-host',
  }),
  caFile: option('CAFile', text, {
    written: 'those of Node.js',
    meaning: "PEM file with the authorities that may have signed the store's certificate.",
    example: '/etc/grid-security/s3-ca.pem',
  }),
  publicEndpoint: option('PublicEndpoint', endpoint, {
    written: 'Host and Port',
    meaning: 'Endpoint written into URLs that are handed out, when users see the store under another address than this process.',
    example: 'https://s3.example.org',
  }),
  unsignedHeaders: option('UnsignedHeaders', oneOf<UnsignedHeaders>('honoured', 'refused'), {
    fallback: 'honoured',
    meaning:
      'Does the store apply `x-amz-*` headers that the signature does not cover? Only where it refuses them (AWS), or with a write-only key, are uploads by PUT signed; otherwise they go through the POST policy.',
    example: 'refused',
  }),
  transferExpiration: option('TransferExpiration', seconds, {
    written: '3600, or the maximum when that is less',
    meaning: 'Lifetime in seconds of URLs for transfers when the caller names none.',
    example: '1800',
  }),
  externalExpiration: option('ExternalExpiration', seconds, {
    written: '86400, or the maximum when that is less',
    meaning: 'Lifetime in seconds of URLs for other applications when the caller names none.',
    example: '43200',
  }),
  maxTransferExpiration: option('MaxTransferExpiration', seconds, {
    fallback: 3600,
    meaning: 'Longest lifetime in seconds that may be asked for a transfer. More is refused.',
    example: '7200',
  }),
  maxExternalExpiration: option('MaxExternalExpiration', seconds, {
    fallback: 86_400,
    meaning: 'Longest lifetime in seconds that may be asked for another application. More is refused.',
    example: '604800',
  }),
  accessKeyId: option('Aws_access_key_id', keyText, {
    meaning: 'Key of the store. With it and its secret this process uses the store directly, without them through the gateway.',
    example: '…',
  }),
  secretAccessKey: option('Aws_secret_access_key', keyText, {
    meaning: 'Secret of that key. Keep it in a local `dirac.cfg` that only its user can read.',
    example: '…',
  }),
  sessionToken: option('Aws_session_token', keyText, { meaning: 'Session token of temporary credentials.', example: '…' }),
  credentialsExpireAt: option('Aws_credentials_expiration', instant, {
    meaning: 'End of temporary credentials. No URL lives longer.',
    example: '2026-01-31T12:00:00Z',
  }),
  writeAccessKeyId: option('Aws_write_access_key_id', keyText, {
    meaning: 'A second key that can only write: uploads by PUT are signed with it, so that their holder can read nothing.',
    example: '…',
  }),
  writeSecretAccessKey: option('Aws_write_secret_access_key', keyText, { meaning: 'Secret of the write-only key.', example: '…' }),
} satisfies OptionTable;
