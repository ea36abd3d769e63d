import { Secret } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import { readOptions } from '../schema/option.js';
import { probeOptions } from '../schema/probe.js';
import type { ConfigRemark, GatewaySettings } from '../types.js';

/** How `head_object` is answered. Without the section nothing is decided, and the gateway says so when it starts. */
export function resolveProbe(
  section: CfgSection | undefined,
  path: string,
): { readonly probe: GatewaySettings['probe']; readonly faults: readonly ConfigRemark[] } {
  if (section === undefined) return { probe: undefined, faults: [] };
  const { values, faults } = readOptions(probeOptions, section, path);
  const { headObject, publicUrl, host, port, secretKeys, certFile, keyFile, lifetimeSeconds } = values;
  if (headObject === 'as-dirac') return { probe: 'as-dirac', faults: [] };
  const remark = (name: string, message: string): ConfigRemark => ({ path: `${path}/${name}`, message, source: section.source });
  const crossed = [
    ...(certFile !== undefined && keyFile === undefined ? [remark('KeyFile', 'must be set, because CertFile is')] : []),
    ...(keyFile !== undefined && certFile === undefined ? [remark('CertFile', 'must be set, because KeyFile is')] : []),
  ];
  const probe = {
    publicUrl: (publicUrl ?? '').replace(/\/+$/, ''),
    host,
    port,
    tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile },
    keys: (secretKeys ?? []).map((key) => new Secret(key)),
    lifetimeSeconds,
  };
  return { probe, faults: [...faults, ...crossed] };
}
