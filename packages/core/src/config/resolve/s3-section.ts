import { defaultPort, type Endpoint, type ExpirationPolicy, type Purpose, type StorageElement } from '../../domain/index.js';
import { didYouMean } from '../did-you-mean.js';
import type { CfgSection } from '../cfg/tree.js';
import { shown } from '../kinds.js';
import { bucketFault, isDnsBucket } from '../schema/kinds-of-s3.js';
import { readOptions, type ValuesOf } from '../schema/option.js';
import { s3SectionOptions, statusWords, storageElementOptions } from '../schema/storage-element.js';
import type { ConfigRemark } from '../types.js';
import { credentialFaults, credentialsFrom, type ElementCredentials } from './credentials.js';
import type { DerivedElement } from './inherit.js';

export interface SectionOutcome {
  /** Undefined when there are faults. */
  readonly element: StorageElement | undefined;
  readonly credentials: ElementCredentials | undefined;
  readonly faults: readonly ConfigRemark[];
  readonly warnings: readonly ConfigRemark[];
}

type Values = ValuesOf<typeof s3SectionOptions>;

/** Makes a StorageElement of one S3 protocol section. Any fault makes it unusable: half-configured access is worse than none. */
export function resolveS3Section(derived: DerivedElement, section: CfgSection): SectionOutcome {
  const path = `${derived.path}/${section.name}`;
  const { values, faults: readFaults } = readOptions(s3SectionOptions, section, path);
  const voBuckets = new Map(
    section
      .section('VOPath')
      ?.options()
      .filter(({ value }) => value !== '')
      .map(({ name, value }) => [name, value]),
  );
  const expiration = { transfer: policyOf(values, 'transfer'), external: policyOf(values, 'external') };
  const faults = [
    ...readFaults,
    ...voBucketFaults(section, path),
    ...credentialFaults(section, path),
    ...expirationFaults(section, { path, expiration }),
    ...addressingFaults(section, { path, values, voBuckets }),
  ];
  const warnings = [...accessWarnings(section, { path, values }), ...statusWarnings(derived), ...misspelled(section, path)];
  const { host, bucket } = values;
  if (faults.length > 0 || host === undefined || bucket === undefined)
    return { element: undefined, credentials: undefined, faults, warnings };

  const credentials = credentialsFrom(values);
  const endpoint: Endpoint = { secure: values.secure, host, port: portOf(values) };
  const { vos, readAccess, writeAccess, removeAccess, checkAccess } = readOptions(
    storageElementOptions,
    derived.options,
    derived.path,
  ).values;
  const element: StorageElement = {
    name: derived.name,
    baseName: derived.baseName,
    section: section.name,
    endpoint,
    publicEndpoint: sameEndpoint(values.publicEndpoint, endpoint) ? undefined : values.publicEndpoint,
    bucket,
    voBuckets,
    region: values.region,
    addressingStyle: values.addressingStyle,
    caFile: values.caFile,
    vos,
    status: { Read: readAccess, Write: writeAccess, Remove: removeAccess, Check: checkAccess },
    unsignedHeaders: values.unsignedHeaders,
    expiration,
    access: credentials === undefined ? 'via-gateway' : 'direct',
  };
  return { element, credentials, faults, warnings };
}

function portOf({ port, secure }: Values): number | undefined {
  return port === 0 || port === defaultPort(secure) ? undefined : port;
}

function sameEndpoint(one: Endpoint | undefined, other: Endpoint): boolean {
  return one?.secure === other.secure && one.host === other.host && one.port === other.port;
}

function policyOf(values: Values, purpose: Purpose): ExpirationPolicy {
  const [written, usual, maxSeconds] =
    purpose === 'transfer'
      ? [values.transferExpiration, 3600, values.maxTransferExpiration]
      : [values.externalExpiration, 86_400, values.maxExternalExpiration];
  return { defaultSeconds: written ?? Math.min(usual, maxSeconds), maxSeconds };
}

function expirationFaults(
  section: CfgSection,
  { path, expiration }: { path: string; expiration: Record<Purpose, ExpirationPolicy> },
): ConfigRemark[] {
  return (['Transfer', 'External'] as const).flatMap((purpose) => {
    const { defaultSeconds, maxSeconds } = expiration[purpose === 'Transfer' ? 'transfer' : 'external'];
    if (defaultSeconds <= maxSeconds) return [];
    const name = `${purpose}Expiration`;
    return [
      {
        path: `${path}/${name}`,
        message: `is ${defaultSeconds}, more than Max${name} (${maxSeconds}) permits`,
        source: section.option(name)?.source,
      },
    ];
  });
}

function voBucketFaults(section: CfgSection, path: string): ConfigRemark[] {
  return (section.section('VOPath')?.options() ?? []).flatMap(({ name, value, source }) => {
    const fault = value === '' ? undefined : bucketFault(value);
    return fault === undefined ? [] : [{ path: `${path}/VOPath/${name}`, message: `${fault}${shown({ name, value })}`, source }];
  });
}

function addressingFaults(
  section: CfgSection,
  { path, values, voBuckets }: { path: string; values: Values; voBuckets: ReadonlyMap<string, string> },
): ConfigRemark[] {
  if (values.addressingStyle !== 'virtual-host') return [];
  const source = section.option('AddressingStyle')?.source;
  const remark = (message: string): ConfigRemark => ({ path: `${path}/AddressingStyle`, message, source });
  const hosts = [values.host, values.publicEndpoint?.host].filter((host) => host !== undefined);
  const address = hosts.find((host) => /^[\d.]+$|^\[/.test(host));
  if (address !== undefined) return [remark(`cannot be virtual-host: "${address}" is an address, a bucket cannot stand in front of it`)];
  const bucket = [values.bucket, ...voBuckets.values()].find((name) => name !== undefined && !isDnsBucket(name));
  return bucket === undefined
    ? []
    : [remark(`cannot be virtual-host: bucket "${bucket}" is no DNS name (lower case, digits, "-", at most 63)`)];
}

function accessWarnings(section: CfgSection, { path, values }: { path: string; values: Values }): ConfigRemark[] {
  const warnings: ConfigRemark[] = [];
  const access = section.option('Access');
  if (!/^(?:remote|local)$/i.test(access?.value ?? '')) {
    const message = 'is neither remote nor local: unmodified DIRAC clients use this section from its own site only; write Access = remote';
    warnings.push({ path: `${path}/Access`, message, source: access?.source ?? section.source });
  }
  const secure = section.option('SecureConnection');
  if (secure !== undefined && secure.value !== 'True' && values.secure) {
    const message = 'means https here, but DIRAC itself reads everything except the exact word True as http; write True';
    warnings.push({ path: `${path}/SecureConnection`, message, source: secure.source });
  }
  return warnings;
}

function statusWarnings({ options, path }: DerivedElement): ConfigRemark[] {
  return ['ReadAccess', 'WriteAccess', 'RemoveAccess', 'CheckAccess'].flatMap((name) => {
    const option = options.option(name);
    if (option === undefined || option.value === '' || statusWords.some((word) => word === option.value)) return [];
    const message = `is "${option.value}", which is none of ${statusWords.join(', ')}: everything except Active and Degraded forbids`;
    return [{ path: `${path}/${name}`, message, source: option.source }];
  });
}

/** A protocol section may hold anything; only what is nearly one of our options is remarked on. */
function misspelled(section: CfgSection, path: string): ConfigRemark[] {
  const known = new Set([
    ...Object.values(s3SectionOptions).map(({ name }) => name),
    'SpaceToken',
    'WSUrl',
    'InputProtocols',
    'OutputProtocols',
  ]);
  return section.options().flatMap(({ name, source }) => {
    const meant = known.has(name) ? undefined : didYouMean(name, known);
    return meant === undefined ? [] : [{ path: `${path}/${name}`, message: `is not read; did you mean ${meant}?`, source }];
  });
}
