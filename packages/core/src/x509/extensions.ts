import { DerReader, Malformed, readNamedBits, readOid, readSmallInteger, readTrue, readWhole, tag, type Element } from './der.js';

/** Bits of KeyUsage (RFC 5280 4.2.1.3) that are asked for somewhere. */
export const keyUsageBit = { digitalSignature: 0, keyCertSign: 5, crlSign: 6 } as const;

/** id-kp-clientAuth (RFC 5280 4.2.1.12). */
const clientAuth = '1.3.6.1.5.5.7.3.2';

export interface ProxyCertInfo {
  readonly critical: boolean;
  readonly pathLength: number | undefined;
  readonly language: string;
  readonly hasPolicy: boolean;
}

/** What the extensions of a certificate say, as far as the rules ask. */
export interface Extensions {
  readonly isAuthority: boolean;
  readonly pathLength: number | undefined;
  /** Undefined when the key may be used for everything. */
  readonly keyUsage: ReadonlySet<number> | undefined;
  /** False when there is a list of purposes without TLS clients. */
  readonly allowsClientAuth: boolean;
  readonly hasAlternativeName: boolean;
  readonly hasNameConstraints: boolean;
  readonly proxyCertInfo: ProxyCertInfo | undefined;
  /** The extension of Globus' proxies from before RFC 3820. */
  readonly isDraftProxy: boolean;
  readonly diracGroup: string | undefined;
  /** A critical extension that nobody here understands. */
  readonly unknownCritical: string | undefined;
}

const oid = {
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
} as const;

/** Understood when critical. Of certificate policies (RFC 5280 6.1.1 c) any will do: none is asked for. */
const understood = new Set<string>(Object.values(oid));

export interface RawExtension {
  readonly critical: boolean;
  readonly value: Buffer;
}

/** RFC 5280 4.2: each extension at most once. */
export function readExtensionList(list: DerReader, what: string): ReadonlyMap<string, RawExtension> {
  const found = new Map<string, RawExtension>();
  while (!list.atEnd) {
    const fields = list.inside(tag.sequence);
    const id = readOid(fields.next(tag.oid), `${what}: extension`);
    const critical = fields.optional(tag.boolean);
    const value = fields.next(tag.octetString).content;
    fields.end();
    if (found.has(id)) throw new Malformed(`${what} has extension ${id} twice`);
    found.set(id, { critical: critical !== undefined && readTrue(critical, `${what}: extension ${id}: critical`), value });
  }
  if (found.size === 0) throw new Malformed(`${what} has an empty list of extensions`);
  return found;
}

export function readExtensions(raw: ReadonlyMap<string, RawExtension>, what: string): Extensions {
  const read = <T>(id: string, name: string, reader: (extension: RawExtension, label: string) => T): T | undefined => {
    const extension = raw.get(id);
    return extension && reader(extension, `${what}: ${name}`);
  };
  return {
    ...(read(oid.basicConstraints, 'basicConstraints', readBasicConstraints) ?? { isAuthority: false, pathLength: undefined }),
    keyUsage: read(oid.keyUsage, 'keyUsage', readKeyUsage),
    allowsClientAuth: read(oid.extendedKeyUsage, 'extendedKeyUsage', readPurposes)?.includes(clientAuth) ?? true,
    hasAlternativeName: raw.has(oid.subjectAltName) || raw.has(oid.issuerAltName),
    hasNameConstraints: raw.has(oid.nameConstraints),
    proxyCertInfo: read(oid.proxyCertInfo, 'proxyCertInfo', readProxyCertInfo),
    isDraftProxy: raw.has(oid.draftProxy),
    diracGroup: read(oid.diracGroup, 'DIRAC group', readGroup),
    unknownCritical: [...raw].find(([id, { critical }]) => critical && !understood.has(id))?.[0],
  };
}

/** RFC 5280 4.2.1.9: a path length without a CA is meaningless and forbidden. */
function readBasicConstraints({ value }: RawExtension, what: string): Pick<Extensions, 'isAuthority' | 'pathLength'> {
  const fields = readWhole(value, tag.sequence, what);
  const ca = fields.optional(tag.boolean);
  const length = fields.optional(tag.integer);
  fields.end();
  const isAuthority = ca !== undefined && readTrue(ca, `${what}: cA`);
  if (length && !isAuthority) throw new Malformed(`${what} limits the path of a certificate that is no CA`);
  return { isAuthority, pathLength: length && readSmallInteger(length, `${what}: path length`) };
}

/** RFC 5280 4.2.1.3: at least one bit is set. */
function readKeyUsage({ value }: RawExtension, what: string): ReadonlySet<number> {
  const bits = readNamedBits(single(value, tag.bitString, what), what);
  if (bits.size === 0) throw new Malformed(`${what} allows nothing`);
  return bits;
}

/** RFC 5280 4.2.1.12. */
function readPurposes({ value }: RawExtension, what: string): readonly string[] {
  const list = readWhole(value, tag.sequence, what);
  const purposes: string[] = [];
  while (!list.atEnd) purposes.push(readOid(list.next(tag.oid), what));
  if (purposes.length === 0) throw new Malformed(`${what} allows nothing`);
  return purposes;
}

/** RFC 3820 3.8: `SEQUENCE { pCPathLenConstraint INTEGER OPTIONAL, proxyPolicy SEQUENCE { policyLanguage OID, policy OCTET STRING OPTIONAL } }`. */
function readProxyCertInfo({ critical, value }: RawExtension, what: string): ProxyCertInfo {
  const fields = readWhole(value, tag.sequence, what);
  const length = fields.optional(tag.integer);
  const policy = fields.inside(tag.sequence);
  fields.end();
  const language = readOid(policy.next(tag.oid), `${what}: policy language`);
  const hasPolicy = policy.optional(tag.octetString) !== undefined;
  policy.end();
  return { critical, pathLength: length && readSmallInteger(length, `${what}: path length`), language, hasPolicy };
}

/** DIRAC writes the group as IA5String; a name of its registry holds no space and no control character. */
function readGroup({ value }: RawExtension, what: string): string {
  const group = single(value, tag.ia5String, what).content.toString('latin1');
  if (!/^[!-~]{1,255}$/.test(group)) throw new Malformed(`${what} is not a name of 1 to 255 printable ASCII characters`);
  return group;
}

function single(value: Buffer, expected: number, what: string): Element {
  const reader = new DerReader(value, what);
  const element = reader.next(expected);
  reader.end();
  return element;
}
