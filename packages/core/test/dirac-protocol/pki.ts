import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { Secret } from '../../src/domain/index.js';
import type { ClientCertificate } from '../../src/dirac-protocol/index.js';

/** A throw-away certificate with its key, and those above it. */
export interface Issued {
  readonly certPem: string;
  readonly key: KeyObject;
  readonly name: string;
  readonly issuer: Issued | undefined;
}

export interface IssueOptions {
  readonly issuer?: Issued;
  readonly ca?: boolean;
  /** DNS names, or IPv4 addresses in dotted form. */
  readonly hosts?: readonly string[];
  readonly expired?: boolean;
}

/** Makes an X.509 v3 certificate (RFC 5280, section 4.1) with a P-256 key. */
export function issue(name: string, { issuer, ca = false, hosts = [], expired = false }: IssueOptions = {}): Issued {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const day = 86_400_000;
  const now = Date.now();
  const algorithm = der(0x30, oid(1, 2, 840, 10045, 4, 3, 2));
  const extensions = [
    extension([2, 5, 29, 19], der(0x30, ...(ca ? [der(0x01, Buffer.from([0xff]))] : [])), true),
    ...(hosts.length === 0 ? [] : [extension([2, 5, 29, 17], der(0x30, ...hosts.map(hostName)))]),
  ];
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer?.name ?? name),
    der(0x30, utcTime(now - 2 * day), utcTime(now + (expired ? -day : day))),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, ...extensions)),
  );
  const signature = sign('sha256', body, issuer?.key ?? privateKey);
  const bytes = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return { certPem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: privateKey, name, issuer };
}

export function keyPemOf({ key }: Issued): string {
  return createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ type: 'pkcs8', format: 'pem' }) as string;
}

export function clientCertificateOf(issued: Issued): ClientCertificate {
  return { certChainPem: issued.certPem, keyPem: new Secret(keyPemOf(issued)) };
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length: size } = content;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const base128 = (value: number): number[] => {
    const bytes = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
    return bytes;
  };
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function extension(id: [number, number, number, number], value: Buffer, critical = false): Buffer {
  return der(0x30, oid(...id), ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

function hostName(host: string): Buffer {
  return /^[\d.]+$/.test(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
}

function distinguishedName(name: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid(2, 5, 4, 3), der(0x0c, Buffer.from(name)))));
}

function utcTime(time: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(time).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}
