import { algorithms, extension, revokedEntry, usualAlgorithm } from '../maker/certificate.js';
import { bmpString, integer, octets, oid, printableString, sequence, set, teletexString, time, utf8String } from '../maker/der-writer.js';
import { basicConstraints, diracGroup, extendedKeyUsage, keyUsage, languages, oids, proxyCertInfo, strange } from '../maker/extensions.js';
import { attribute, name, rdn } from '../maker/names.js';
import { aliceDn, aliceParts, make, makeList, names, type Change, type Changes } from '../maker/world.js';
import type { GoodChain } from './chain-case.js';

const ca = { basicConstraints: basicConstraints(true), keyUsage: keyUsage('keyCertSign', 'crlSign') };

/** All five certificates with keys of one kind. */
function allOf(kind: string, more: Change = {}): Changes {
  const key = (member: string) => `${kind}:${member}`;
  return {
    root: { ...more, key: key('root'), signer: key('root') },
    sub: { ...more, key: key('sub'), signer: key('root') },
    user: { ...more, key: key('user'), signer: key('sub') },
    first: { ...more, key: key('first'), signer: key('user') },
    second: { ...more, key: key('second'), signer: key('first') },
  };
}

/** The same user and proxies under another subject. */
function named(...subject: readonly (string | Buffer)[]): Changes {
  const [user, first] = [name(...subject), name(...subject, 'CN=42')];
  return {
    user: { subject: user },
    first: { subject: first, issuer: user },
    second: { issuer: first, subject: name(...subject, 'CN=42', 'CN=7') },
  };
}

const shapes: readonly GoodChain[] = [
  {
    name: 'two proxies and their user',
    proof: {
      dn: aliceDn,
      dnSpellings: [aliceDn],
      subject: `${aliceDn}/CN=42/CN=7`,
      issuer: `${aliceDn}/CN=42`,
      isProxy: true,
      isLimited: false,
      group: 'dirac_user',
      notAfter: new Date('2026-06-16T00:00:00Z'),
    },
  },
  {
    name: 'a user without a proxy',
    sent: ({ user }) => [user],
    proof: {
      dn: aliceDn,
      subject: aliceDn,
      issuer: '/DC=ch/DC=example/O=Test Grid/CN=Sub CA',
      isProxy: false,
      isLimited: false,
      group: undefined,
      notAfter: new Date('2027-01-01T00:00:00Z'),
    },
  },
  { name: 'one proxy', sent: ({ first, user }) => [first, user], proof: { subject: `${aliceDn}/CN=42`, issuer: aliceDn } },
  { name: 'a user with the sub CA', sent: ({ user, sub }) => [user, sub], proof: { isProxy: false } },
  { name: 'proxies with all authorities', sent: ({ second, first, user, sub, root }) => [second, first, user, sub, root] },
  {
    name: 'a sub CA that only the caller has',
    sent: ({ second, first, user, sub }) => [second, first, user, sub],
    material: ({ root }) => ({ authorities: [root] }),
  },
  {
    name: 'ten proxies',
    sent: ({ user }) => {
      const chain = [user];
      for (let level = 1; level <= 10; level += 1) {
        const above = Array.from({ length: level - 1 }, (_, at) => `CN=${at + 1}`);
        const issuer = name(...aliceParts, ...above);
        const signer = level === 1 ? 'P-256:alice' : `P-256:proxy${level - 1}`;
        chain.unshift(
          make('second', { issuer, subject: name(...aliceParts, ...above, `CN=${level}`), signer, key: `P-256:proxy${level}` }),
        );
      }
      return chain;
    },
    proof: { dn: aliceDn, group: undefined },
  },
];

const rights: readonly GoodChain[] = [
  {
    name: 'a limited proxy',
    sent: ({ first, user }) => [first, user],
    changes: { first: { extensions: { proxyCertInfo: proxyCertInfo({ language: languages.limited }) } } },
    proof: { isLimited: true, group: 'dirac_user' },
  },
  {
    name: 'a limited proxy delegated from a full one',
    changes: { second: { extensions: { proxyCertInfo: proxyCertInfo({ language: languages.limited }) } } },
    proof: { isLimited: true },
  },
  {
    name: 'a full proxy below a limited one, which stays limited',
    changes: { first: { extensions: { proxyCertInfo: proxyCertInfo({ language: languages.limited }) } } },
    proof: { isLimited: true },
  },
  { name: 'no group at all', changes: { first: { extensions: { diracGroup: undefined } } }, proof: { group: undefined } },
  {
    name: 'a delegation that names another group, in vain',
    changes: { second: { extensions: { diracGroup: diracGroup('dirac_admin') } } },
    proof: { group: 'dirac_user' },
  },
  {
    name: 'a group named by the delegation alone',
    changes: { first: { extensions: { diracGroup: undefined } }, second: { extensions: { diracGroup: diracGroup('dirac_prod') } } },
    proof: { group: 'dirac_prod' },
  },
  {
    name: 'a group in the user certificate, which names none',
    changes: { user: { extensions: { diracGroup: diracGroup('dirac_admin') } }, first: { extensions: { diracGroup: undefined } } },
    proof: { group: undefined },
  },
  {
    name: 'as many proxies as the first allows',
    changes: { first: { extensions: { proxyCertInfo: proxyCertInfo({ pathLength: 1 }) } } },
  },
  { name: 'a last proxy that allows none below', changes: { second: { extensions: { proxyCertInfo: proxyCertInfo({ pathLength: 0 }) } } } },
  { name: 'a proxy without keyUsage', changes: { second: { extensions: { keyUsage: undefined } } } },
  { name: 'a proxy for TLS clients', changes: { second: { extensions: { extendedKeyUsage: extendedKeyUsage('clientAuth') } } } },
  {
    name: 'a proxy with attributes of VOMS',
    changes: { first: { extensions: { voms: extension(oids.vomsAttributes, sequence(octets(Buffer.alloc(9000)))) } } },
  },
  {
    name: 'a user without keyUsage, extendedKeyUsage and basicConstraints',
    changes: { user: { extensions: { keyUsage: undefined, extendedKeyUsage: undefined, basicConstraints: undefined } } },
  },
  {
    name: 'a host for servers and clients, with names of its own',
    changes: {
      user: {
        extensions: {
          extendedKeyUsage: extendedKeyUsage('serverAuth', 'clientAuth'),
          names: extension(oids.subjectAltName, sequence(Buffer.from([0x82, 1, 0x61]))),
        },
      },
    },
  },
];

const people: readonly GoodChain[] = [
  {
    name: 'a proxy whose copy of the name has other string types',
    changes: { first: { subject: name(...aliceParts.slice(0, -1), rdn('CN=', printableString('Alice Example')), 'CN=42') } },
    proof: { dn: aliceDn },
  },
  {
    name: 'a name with an umlaut',
    changes: named('DC=ch', 'CN=Älice'),
    proof: { dn: '/DC=ch/CN=\\xC3\\x84lice', dnSpellings: ['/DC=ch/CN=\\xC3\\x84lice'] },
  },
  {
    name: 'a name in Latin-1, which the proxy repeats in UTF-8',
    changes: { ...named('DC=ch', 'CN=Älice'), user: { subject: name('DC=ch', rdn('CN=', teletexString('\xc4lice'))) } },
    proof: { dn: '/DC=ch/CN=\\xC4lice' },
  },
  {
    name: 'a name in UTF-16, which the proxy repeats in UTF-8',
    changes: { ...named('DC=ch', 'CN=Dora'), user: { subject: name('DC=ch', rdn('CN=', bmpString('Dora'))) } },
    proof: { dn: '/DC=ch/CN=\\x00D\\x00o\\x00r\\x00a' },
  },
  {
    name: 'a service with a slash in its name',
    changes: named('DC=ch', 'CN=host/se.example.org'),
    proof: { dn: '/DC=ch/CN=host\\/se.example.org', dnSpellings: ['/DC=ch/CN=host\\/se.example.org', '/DC=ch/CN=host/se.example.org'] },
  },
  {
    name: 'a name with two attributes in one part',
    changes: named('DC=ch', set(attribute('CN=alice'), attribute('UID=a1'))),
    proof: { dn: '/DC=ch/CN=alice+UID=a1', dnSpellings: ['/DC=ch/CN=alice+UID=a1', '/DC=ch/CN=alice/UID=a1'] },
  },
  {
    name: 'a name whose old spelling is left out, since it would be that of another',
    changes: named('DC=ch', 'CN=x/CN=alice'),
    proof: { dn: '/DC=ch/CN=x\\/CN=alice', dnSpellings: ['/DC=ch/CN=x\\/CN=alice'] },
  },
];

const keysAndTimes: readonly GoodChain[] = [
  { name: 'RSA keys of 2048 bits', changes: allOf('rsa2048') },
  { name: 'RSA keys and SHA-384', changes: allOf('rsa2048', { algorithm: algorithms.sha384Rsa }) },
  { name: 'RSA keys and SHA-512', changes: allOf('rsa2048', { algorithm: algorithms.sha512Rsa }) },
  {
    name: 'RSA with its parameters left out',
    changes: allOf('rsa2048', { algorithm: { identifier: sequence(oid('1.2.840.113549.1.1.11')), digest: 'sha256' } }),
  },
  { name: 'an RSA key with exponent 3', changes: { second: { key: 'rsa3:second' } } },
  { name: 'P-384 and SHA-384', changes: allOf('P-384', { algorithm: algorithms.sha384Ec }) },
  { name: 'P-521 and SHA-512', changes: allOf('P-521', { algorithm: algorithms.sha512Ec }) },
  { name: 'Ed25519', changes: allOf('ed25519') },
  { name: 'RSA keys of 1024 bits where they are allowed', changes: { second: { key: 'rsa1024:second' } }, options: { minRsaBits: 1024 } },
  {
    name: 'an anchor that signed itself with SHA-1',
    changes: {
      root: { key: 'rsa2048:root', signer: 'rsa2048:root', algorithm: algorithms.sha1Rsa },
      sub: { signer: 'rsa2048:root', algorithm: usualAlgorithm('rsa2048') },
    },
  },
  {
    name: 'an anchor that signed itself with MD5',
    changes: { root: { key: 'rsa2048:root', signer: 'rsa2048:root', algorithm: algorithms.md5Rsa }, sub: { signer: 'rsa2048:root' } },
  },
  { name: 'an anchor with serial number zero', changes: { root: { serial: integer(0) } } },
  { name: 'an anchor until after 2049', changes: { root: { notAfter: time('2061-01-01T00:00:00Z') } } },
  { name: 'the first second', options: { now: new Date('2026-01-01T00:00:00Z') } },
  { name: 'the last second', options: { now: new Date('2026-06-16T00:00:00Z') } },
  {
    name: 'an authority that ends before the proxy',
    changes: { sub: { notAfter: time('2026-06-15T13:00:00Z') } },
    proof: { notAfter: new Date('2026-06-15T13:00:00Z') },
  },
];

const otherSub = (change: Change) => make('sub', { key: 'P-256:other', ...change });
const paths: readonly GoodChain[] = [
  {
    name: 'two authorities of one name, the wrong one first',
    material: ({ root, sub }) => ({ authorities: [otherSub({}), sub, root] }),
  },
  {
    name: 'two certificates of one authority, the first expired',
    material: ({ root, sub }) => ({ authorities: [make('sub', { notAfter: time('2026-02-01T00:00:00Z') }), sub, root] }),
  },
  {
    name: 'a root that changed its key, signing its new one with the old',
    changes: { sub: { signer: 'P-256:newroot' } },
    material: ({ root, sub }) => ({
      authorities: [root, make('root', { key: 'P-256:newroot', extensions: { basicConstraints: basicConstraints(true, 1) } }), sub],
    }),
  },
  {
    name: 'a path length that a change of key does not use up',
    changes: { root: { extensions: { basicConstraints: basicConstraints(true, 1) } }, sub: { signer: 'P-256:newroot' } },
    material: ({ root, sub }) => ({ authorities: [root, make('root', { key: 'P-256:newroot' }), sub] }),
  },
  {
    name: 'an authority without keyUsage',
    changes: { sub: { extensions: { keyUsage: undefined } } },
  },
  {
    name: 'an authority for TLS clients',
    changes: { sub: { extensions: { extendedKeyUsage: extendedKeyUsage('serverAuth', 'clientAuth') } } },
  },
  {
    name: 'a critical certificate policy',
    changes: { sub: { extensions: { policies: extension(oids.certificatePolicies, sequence(sequence(oid('2.5.29.32.0'))), true) } } },
  },
  { name: 'an extension that nobody knows and that is not critical', changes: { user: { extensions: { strange: strange(false) } } } },
  {
    name: 'a hierarchy of three authorities',
    changes: { user: { issuer: name('CN=Third'), signer: 'P-256:third' }, sub: { extensions: ca } },
    material: ({ root, sub }) => ({
      authorities: [root, sub, make('sub', { issuer: names.sub, subject: name('CN=Third'), key: 'P-256:third', signer: 'P-256:sub' })],
    }),
  },
];

const lists: readonly GoodChain[] = [
  {
    name: 'lists that revoke others',
    material: () => ({
      revocations: [
        makeList({ entries: [revokedEntry(integer(12)), revokedEntry(integer(42))] }),
        makeList({ issuer: names.root, signer: 'P-256:root', entries: [revokedEntry(integer(11))] }),
      ],
    }),
  },
  { name: 'a list of version 1', material: () => ({ revocations: [makeList({ version: Buffer.alloc(0) })] }) },
  {
    name: 'a list with extensions that need not be understood',
    material: () => ({ revocations: [makeList({ extensions: [strange(false)], entries: [revokedEntry(integer(12), strange(false))] })] }),
  },
  {
    name: 'every list there where all are required',
    options: { revocation: 'required' },
    material: () => ({ revocations: [makeList(), makeList({ issuer: names.root, signer: 'P-256:root' })] }),
  },
  {
    name: 'a stale list beside a good one',
    material: () => ({
      revocations: [makeList({ nextUpdate: time('2026-06-02T00:00:00Z'), entries: [revokedEntry(integer(11))] }), makeList()],
    }),
  },
  {
    name: 'a list of the old key beside one of the new',
    material: () => ({ revocations: [makeList({ signer: 'P-256:other' }), makeList()] }),
  },
  {
    name: 'a revoked user where lists are ignored',
    options: { revocation: 'ignore' },
    material: () => ({ revocations: [makeList({ entries: [revokedEntry(integer(11))] })] }),
  },
  {
    name: 'an unreadable list of an authority that has a good one too',
    material: ({ sub }) => ({ revocations: [makeList()], unreadableRevocationsOf: [sub] }),
  },
  {
    name: 'a list with a serial number as long as they get',
    material: () => ({ revocations: [makeList({ entries: [revokedEntry(integer(2n ** 158n))] })] }),
  },
  {
    name: 'an unreadable list of somebody else',
    changes: { user: { subject: names.user } },
    material: () => ({ unreadableRevocationsOf: [otherSub({ subject: utf8Name('Other CA') })] }),
  },
];

function utf8Name(text: string): Buffer {
  return name(rdn('CN=', utf8String(text)));
}

export const goodChains: readonly GoodChain[] = [...shapes, ...rights, ...people, ...keysAndTimes, ...paths, ...lists];
