import { Secret } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import { callerPolicyOptions, clientCertificateOptions } from '../schema/authentication.js';
import { gatewayEntries, gatewayOptions, otherServiceEntries, policyOptions } from '../schema/gateway.js';
import { readOptions } from '../schema/option.js';
import { probeOptions } from '../schema/probe.js';
import type { ConfigRemark, GatewaySettings } from '../types.js';
import { resolveAuthentication } from './authentication.js';
import { resolveIssuers, unknownOfIssuers } from './issuers.js';
import { resolveProbe } from './probe.js';
import { resolveSecurity } from './security.js';
import { uploadSessionOptions } from '../schema/upload-sessions.js';
import { unknownIn } from './unknown-entries.js';

export const gatewayPath = '/Systems/DataManagement/Services/S3Gateway';

/** The settings of the gateway process, and what is wrong with them. */
export function resolveGateway(tree: CfgSection): {
  readonly settings: GatewaySettings;
  readonly faults: readonly ConfigRemark[];
  readonly warnings: readonly ConfigRemark[];
} {
  const section = tree.section(gatewayPath);
  const { values, faults } = readOptions(gatewayOptions, section, gatewayPath);
  const policies = readOptions(policyOptions, section?.section('Policies'), `${gatewayPath}/Policies`);
  const { probe, faults: probeFaults } = resolveProbe(section?.section('Probe'), `${gatewayPath}/Probe`);
  const { issuers, faults: issuerFaults } = resolveIssuers(section, gatewayPath);
  const { certFile, keyFile, metricsHost, metricsPort, ...plain } = values;
  const uploads = readOptions(uploadSessionOptions, section?.section('UploadSessions'), `${gatewayPath}/UploadSessions`);
  const tls = certFile === undefined && keyFile === undefined ? hostCertificate(tree) : pair(certFile, keyFile);
  const authentication = resolveAuthentication(tree, gatewayPath, tls !== undefined);
  const settings: GatewaySettings = {
    ...plain,
    // Over plain http, tokens and URLs would be anybody's who listens on the way.
    host: values.host ?? (tls === undefined ? '127.0.0.1' : undefined),
    tls,
    metrics: metricsPort === undefined ? undefined : { host: metricsHost, port: metricsPort },
    issuers,
    authentication: authentication.settings,
    policies: policies.values,
    probe,
    uploadSessions: {
      keys: uploads.values.secretKeys?.map((key) => new Secret(key)),
      lifetimeSeconds: uploads.values.lifetimeSeconds,
      limitSeconds: uploads.values.limitSeconds,
    },
  };
  const remark = (name: string, message: string): ConfigRemark => ({ path: `${gatewayPath}/${name}`, message, source: section?.source });
  const crossed = [
    ...(certFile !== undefined && keyFile === undefined ? [remark('KeyFile', 'must be set, because CertFile is')] : []),
    ...(keyFile !== undefined && certFile === undefined ? [remark('CertFile', 'must be set, because KeyFile is')] : []),
    ...(values.headersTimeoutSeconds > values.requestTimeoutSeconds
      ? [remark('HeadersTimeout', `is ${values.headersTimeoutSeconds}, more than RequestTimeout (${values.requestTimeoutSeconds}) permits`)]
      : []),
  ];
  return {
    settings,
    faults: [...faults, ...policies.faults, ...uploads.faults, ...crossed, ...probeFaults, ...authentication.faults, ...issuerFaults],
    warnings: [...unknownEntries(section), ...authentication.warnings],
  };
}

function pair(certFile: string | undefined, keyFile: string | undefined): GatewaySettings['tls'] {
  return certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
}

/** The certificate every service of the installation shows. */
function hostCertificate(tree: CfgSection): GatewaySettings['tls'] {
  const { certFile, keyFile } = resolveSecurity(tree).settings;
  return pair(certFile, keyFile);
}

/** What nobody reads in our own sections. */
function unknownEntries(section: CfgSection | undefined): ConfigRemark[] {
  return [
    ...unknownIn(section, {
      path: gatewayPath,
      table: { ...gatewayEntries, ...clientCertificateOptions },
      sections: ['Authorization', 'Issuers', 'Policies', 'Probe', 'UploadSessions'],
      foreign: otherServiceEntries,
    }),
    ...unknownIn(section?.section('Policies'), { path: `${gatewayPath}/Policies`, table: { ...policyOptions, ...callerPolicyOptions } }),
    ...unknownIn(section?.section('Probe'), { path: `${gatewayPath}/Probe`, table: probeOptions }),
    ...unknownIn(section?.section('UploadSessions'), { path: `${gatewayPath}/UploadSessions`, table: uploadSessionOptions }),
    ...unknownOfIssuers(section, gatewayPath),
  ];
}
