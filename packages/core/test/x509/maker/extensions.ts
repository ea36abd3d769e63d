import { bits, boolean, ia5String, integer, octets, oid, sequence } from './der-writer.js';
import { extension } from './certificate.js';

export const oids = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
  proxyCertInfo: '1.3.6.1.5.5.7.1.14',
  draftProxy: '1.3.6.1.4.1.3536.1.222',
  diracGroup: '1.2.42.42',
  vomsAttributes: '1.3.6.1.4.1.8005.100.100.5',
} as const;

export const languages = {
  any: '1.3.6.1.5.5.7.21.0',
  inheritAll: '1.3.6.1.5.5.7.21.1',
  independent: '1.3.6.1.5.5.7.21.2',
  limited: '1.3.6.1.4.1.3536.1.1.1.9',
} as const;

const usageBits = { digitalSignature: 0, nonRepudiation: 1, keyEncipherment: 2, dataEncipherment: 3, keyCertSign: 5, crlSign: 6 } as const;

export function keyUsage(...usages: readonly (keyof typeof usageBits)[]): Buffer {
  const octet = usages.reduce((sum, usage) => sum | (0x80 >> usageBits[usage]), 0);
  const unused = octet === 0 ? 0 : Math.log2(octet & -octet);
  return extension(oids.keyUsage, bits(octet === 0 ? Buffer.alloc(0) : Buffer.from([octet]), unused), true);
}

export function basicConstraints(isAuthority: boolean, pathLength?: number): Buffer {
  const parts = [...(isAuthority ? [boolean(0xff)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])];
  return extension(oids.basicConstraints, sequence(...parts), true);
}

export const purposes = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2', any: '2.5.29.37.0' } as const;

export function extendedKeyUsage(...usages: readonly (keyof typeof purposes)[]): Buffer {
  return extension(oids.extendedKeyUsage, sequence(...usages.map((usage) => oid(purposes[usage]))));
}

export interface ProxyInfo {
  readonly language?: string;
  readonly pathLength?: number;
  readonly policy?: string;
  readonly critical?: boolean;
}

export function proxyCertInfo({ language = languages.inheritAll, pathLength, policy, critical = true }: ProxyInfo = {}): Buffer {
  const rules = sequence(oid(language), ...(policy === undefined ? [] : [octets(Buffer.from(policy))]));
  return extension(oids.proxyCertInfo, sequence(...(pathLength === undefined ? [] : [integer(pathLength)]), rules), critical);
}

export const diracGroup = (group: string): Buffer => extension(oids.diracGroup, ia5String(group));

/** An extension nobody knows. */
export const strange = (critical: boolean): Buffer => extension('1.3.6.1.4.1.99999.1', octets(Buffer.from('?')), critical);
