import { createTrustStore, type TrustMaterial, type TrustStore } from '../../../src/x509/index.js';
import {
  makeCertificate,
  makeRevocationList,
  usualAlgorithm,
  version3,
  type CertificatePlan,
  type RevocationPlan,
  type SignatureAlgorithm,
} from './certificate.js';
import { integer, time } from './der-writer.js';
import { basicConstraints, diracGroup, extendedKeyUsage, keyUsage, proxyCertInfo } from './extensions.js';
import { name } from './names.js';

/** The instant at which every chain is judged unless a case says otherwise. */
export const now = new Date('2026-06-15T12:00:00Z');

const base = ['DC=ch', 'DC=example', 'O=Test Grid'];
export const aliceParts = [...base, 'OU=Users', 'CN=alice', 'CN=Alice Example'];
export const aliceDn = '/DC=ch/DC=example/O=Test Grid/OU=Users/CN=alice/CN=Alice Example';
export const names = {
  root: name(...base, 'CN=Root CA'),
  sub: name(...base, 'CN=Sub CA'),
  user: name(...aliceParts),
  first: name(...aliceParts, 'CN=42'),
  second: name(...aliceParts, 'CN=42', 'CN=7'),
  bob: name(...base, 'OU=Users', 'CN=bob'),
};

/** The members of the usual chain, from the anchor to the caller's own proxy. */
export type Member = 'root' | 'sub' | 'user' | 'first' | 'second';
export type Change = Partial<Omit<CertificatePlan, 'algorithm'>> & { readonly algorithm?: SignatureAlgorithm };
export type Changes = Partial<Record<Member, Change>>;

const proxyUsage = keyUsage('digitalSignature', 'keyEncipherment', 'dataEncipherment');

export const usual: Readonly<Record<Member, Change & Pick<CertificatePlan, 'extensions' | 'subject' | 'issuer' | 'key' | 'signer'>>> = {
  root: {
    subject: names.root,
    issuer: names.root,
    serial: integer(1),
    key: 'P-256:root',
    signer: 'P-256:root',
    notAfter: time('2036-01-01T00:00:00Z'),
    extensions: { basicConstraints: basicConstraints(true), keyUsage: keyUsage('keyCertSign', 'crlSign') },
  },
  sub: {
    subject: names.sub,
    issuer: names.root,
    serial: integer(2),
    key: 'P-256:sub',
    signer: 'P-256:root',
    notAfter: time('2031-01-01T00:00:00Z'),
    extensions: { basicConstraints: basicConstraints(true, 0), keyUsage: keyUsage('keyCertSign', 'crlSign') },
  },
  user: {
    subject: names.user,
    issuer: names.sub,
    serial: integer(11),
    key: 'P-256:alice',
    signer: 'P-256:sub',
    notAfter: time('2027-01-01T00:00:00Z'),
    extensions: {
      basicConstraints: basicConstraints(false),
      keyUsage: proxyUsage,
      extendedKeyUsage: extendedKeyUsage('clientAuth'),
    },
  },
  first: {
    subject: names.first,
    issuer: names.user,
    serial: integer(42),
    key: 'P-256:first',
    signer: 'P-256:alice',
    notAfter: time('2026-06-17T00:00:00Z'),
    extensions: { keyUsage: proxyUsage, proxyCertInfo: proxyCertInfo(), diracGroup: diracGroup('dirac_user') },
  },
  second: {
    subject: names.second,
    issuer: names.first,
    serial: integer(7),
    key: 'P-256:second',
    signer: 'P-256:first',
    notAfter: time('2026-06-16T00:00:00Z'),
    extensions: { keyUsage: proxyUsage, proxyCertInfo: proxyCertInfo() },
  },
};

/** A certificate like a usual member's, apart from what is changed; its extensions one by one. */
export function make(member: Member, change: Change = {}): Buffer {
  const plan = { ...usual[member], ...change };
  return makeCertificate({
    version: version3,
    serial: integer(1),
    notBefore: time('2026-01-01T00:00:00Z'),
    notAfter: time('2027-01-01T00:00:00Z'),
    spki: undefined,
    tail: Buffer.alloc(0),
    algorithm: usualAlgorithm(plan.signer),
    innerAlgorithm: undefined,
    finish: (certificate) => certificate,
    ...plan,
    extensions: { ...usual[member].extensions, ...change.extensions },
  });
}

export type World = Readonly<Record<Member, Buffer>>;

export function makeWorld(changes: Changes = {}): World {
  return {
    root: make('root', changes.root),
    sub: make('sub', changes.sub),
    user: make('user', changes.user),
    first: make('first', changes.first),
    second: make('second', changes.second),
  };
}

/** A list of the usual sub CA, in time and empty, apart from what is changed. */
export function makeList(change: Partial<RevocationPlan> = {}): Buffer {
  const signer = change.signer ?? 'P-256:sub';
  return makeRevocationList({
    version: integer(1),
    issuer: names.sub,
    thisUpdate: time('2026-06-01T00:00:00Z'),
    nextUpdate: time('2026-07-01T00:00:00Z'),
    entries: undefined,
    extensions: [],
    signer,
    algorithm: usualAlgorithm(signer),
    innerAlgorithm: undefined,
    ...change,
  });
}

/** A trust store that must be usable to the last entry, or the test would test something else. */
export function trusting(material: Partial<TrustMaterial> & Pick<TrustMaterial, 'authorities'>): TrustStore {
  const store = createTrustStore({ revocations: [], ...material });
  if (store.unusable.length > 0) throw new Error(`the trust store is not what the test thinks: ${store.unusable[0]!.reason}`);
  return store;
}
