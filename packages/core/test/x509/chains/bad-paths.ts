import { algorithms, extension, revokedEntry } from '../maker/certificate.js';
import { boolean, explicit, integer, octets, sequence, time, utcTimeText, utf8String } from '../maker/der-writer.js';
import { basicConstraints, extendedKeyUsage, keyUsage, oids, proxyCertInfo, strange } from '../maker/extensions.js';
import { name } from '../maker/names.js';
import { make, makeList, makeWorld, names, type Change } from '../maker/world.js';
import type { BadChain } from './chain-case.js';

const notAuthority = /authority .*CN=(Root|Sub) CA: it is not a CA|behind .*: it is not a CA/;
const sub = (what: string, change: Change, reason: RegExp): BadChain => ({ name: `a sub CA: ${what}`, changes: { sub: change }, reason });
const root = (what: string, change: Change, reason: RegExp): BadChain => ({ name: `a root: ${what}`, changes: { root: change }, reason });

const authorities: readonly BadChain[] = [
  {
    name: 'a sub CA that is none and that only the caller has',
    changes: { sub: { extensions: { basicConstraints: basicConstraints(false) } } },
    sent: ({ user, sub: own }) => [user, own],
    material: (world) => ({ authorities: [world.root] }),
    reason: notAuthority,
  },
  {
    name: 'a sub CA without basicConstraints that only the caller has',
    changes: { sub: { extensions: { basicConstraints: undefined } } },
    sent: ({ user, sub: own }) => [user, own],
    material: (world) => ({ authorities: [world.root] }),
    reason: notAuthority,
  },
  sub('is a proxy too', { extensions: { proxyCertInfo: proxyCertInfo() } }, notAuthority),
  sub(
    'may not sign certificates',
    { extensions: { keyUsage: keyUsage('digitalSignature', 'crlSign') } },
    /CN=Sub CA: it may not sign certificates/,
  ),
  sub('for servers alone', { extensions: { extendedKeyUsage: extendedKeyUsage('serverAuth') } }, /CN=Sub CA: .*TLS clients/),
  sub('a critical extension nobody knows', { extensions: { strange: strange(true) } }, /CN=Sub CA: .*not understood/),
  sub('name constraints', { extensions: { limits: extension(oids.nameConstraints, sequence()) } }, /name constraints/),
  sub('critical name constraints', { extensions: { limits: extension(oids.nameConstraints, sequence(), true) } }, /name constraints/),
  sub(
    'critical policy constraints',
    { extensions: { limits: extension('2.5.29.36', sequence(), true) } },
    /2\.5\.29\.36 is not understood/,
  ),
  sub('expired', { notAfter: time('2026-06-15T11:59:59Z') }, /CN=Sub CA: it expired/),
  sub('not yet valid', { notBefore: time('2026-06-15T12:00:01Z') }, /CN=Sub CA: it is not valid before/),
  sub('signed by another root', { signer: 'P-256:mallory' }, /CN=Sub CA: its signature is not by the key of its issuer/),
  sub('signed with ECDSA and SHA-1', { algorithm: algorithms.sha1Ec }, /CN=Sub CA: it is signed with SHA1/),
  {
    name: 'a sub CA: a key of 1024 bits',
    changes: { sub: { key: 'rsa1024:sub' }, user: { signer: 'rsa1024:sub' } },
    reason: /CN=Sub CA: its RSA key has 1024 bits/,
  },
  {
    name: 'a sub CA: signed with RSA and MD5',
    changes: { root: { key: 'rsa2048:root', signer: 'rsa2048:root' }, sub: { signer: 'rsa2048:root', algorithm: algorithms.md5Rsa } },
    reason: /CN=Sub CA: it is signed with MD5/,
  },
  root('expired', { notAfter: time('2026-06-15T11:59:59Z') }, /CN=Root CA: it expired/),
  root('not yet valid', { notBefore: time('2026-06-15T12:00:01Z') }, /CN=Root CA: it is not valid before/),
  root(
    'allows no authority below',
    { extensions: { basicConstraints: basicConstraints(true, 0) } },
    /CN=Root CA: it allows 0 authorities below it and has 1/,
  ),
  root('may not sign certificates', { extensions: { keyUsage: keyUsage('crlSign') } }, /CN=Root CA: it may not sign certificates/),
  root('not signed by itself', { signer: 'P-256:mallory' }, /CN=Root CA is no authority of the CA directory/),
  root('signed by a root nobody has', { issuer: name('CN=Above'), signer: 'P-256:above' }, /CN=Above is no authority of the CA directory/),
  {
    name: 'a root: a key of 1024 bits',
    changes: { root: { key: 'rsa1024:root', signer: 'rsa1024:root' }, sub: { signer: 'rsa1024:root' } },
    reason: /CN=Root CA: its RSA key has 1024 bits/,
  },
  {
    name: 'one authority more than the sub CA allows',
    changes: { user: { issuer: name('CN=Third'), signer: 'P-256:third' } },
    material: (world) => ({
      authorities: [
        world.root,
        world.sub,
        make('sub', { issuer: names.sub, subject: name('CN=Third'), key: 'P-256:third', signer: 'P-256:sub' }),
      ],
    }),
    reason: /CN=Sub CA: it allows 0 authorities below it and has 1/,
  },
];

const anchors: readonly BadChain[] = [
  { name: 'an empty directory', material: () => ({ authorities: [] }), reason: /CN=Sub CA is no authority of the CA directory/ },
  { name: 'a directory without the root', material: (world) => ({ authorities: [world.sub] }), reason: /CN=Root CA is no authority/ },
  { name: 'a directory without the sub CA', material: (world) => ({ authorities: [world.root] }), reason: /CN=Sub CA is no authority/ },
  {
    name: 'a root that only the caller has',
    sent: ({ user, sub: own, root: anchor }) => [user, own, anchor],
    material: () => ({ authorities: [make('root', { subject: name('CN=Other'), issuer: name('CN=Other') })] }),
    reason: /CN=Root CA is no authority of the CA directory/,
  },
  {
    name: 'a root that only the caller has, below a directory with the sub CA',
    sent: ({ user, sub: own, root: anchor }) => [user, own, anchor],
    material: (world) => ({ authorities: [world.sub] }),
    reason: /CN=Root CA is no authority of the CA directory/,
  },
  {
    name: 'a forged hierarchy of the same names, whole',
    sent: () => forgedChain(['second', 'first', 'user', 'sub', 'root']),
    reason: /not by the key of its issuer/,
  },
  {
    name: 'a forged hierarchy of the same names, with its sub CA',
    sent: () => forgedChain(['first', 'user', 'sub']),
    reason: /not by the key/,
  },
  {
    name: 'a forged hierarchy of the same names, the user alone',
    sent: () => forgedChain(['user']),
    reason: /not by the key of its issuer/,
  },
  {
    name: 'a forged user above a true sub CA',
    sent: ({ sub: own }) => [...forgedChain(['user']), own],
    reason: /behind .*its signature is not by the key of its issuer/,
  },
];

const orders: readonly BadChain[] = [
  { name: 'no certificate', sent: () => [], reason: /no certificate was sent/ },
  { name: 'a proxy alone', sent: ({ first }) => [first], reason: /ends without the certificate of a user/ },
  { name: 'two proxies alone', sent: ({ first, second }) => [second, first], reason: /ends without the certificate of a user/ },
  { name: 'proxies in the wrong order', sent: ({ user, first, second }) => [first, second, user], reason: /its issuer is not the subject/ },
  { name: 'the user between the proxies', sent: ({ user, first, second }) => [second, user, first], reason: /issuer is not the subject/ },
  { name: 'the chain upside down', sent: ({ user, first, second }) => [user, first, second], reason: /behind .*: it is not a CA/ },
  { name: 'a proxy left out', sent: ({ user, second }) => [second, user], reason: /its issuer is not the subject of the next certificate/ },
  {
    name: 'a proxy twice',
    sent: ({ user, first }) => [first, first, user],
    reason: /its issuer is not the subject of the next certificate/,
  },
  { name: 'the user twice', sent: ({ user, first }) => [first, user, user], reason: /behind .*: it is not a CA/ },
  {
    name: 'an unrelated user behind',
    sent: ({ user, first }) => [first, user, make('user', { subject: names.bob, key: 'P-256:bob' })],
    reason: /CN=bob, sent behind .*: it is not a CA/,
  },
  {
    name: 'an unrelated authority behind',
    sent: ({ user, first }) => [first, user, make('root', { subject: name('CN=Other'), issuer: name('CN=Other') })],
    reason: /CN=Other, sent behind .*: it is not the issuer of the certificate before it/,
  },
  {
    name: 'the root behind the user, the sub CA left out',
    sent: ({ user, root: anchor }) => [user, anchor],
    reason: /it is not the issuer of the/,
  },
  {
    name: 'authorities in the wrong order',
    sent: ({ user, sub: own, root: anchor }) => [user, anchor, own],
    reason: /it is not the issuer of/,
  },
  {
    name: 'an authority of another key behind',
    sent: ({ user }) => [user, make('sub', { key: 'P-256:other' })],
    reason: /behind .*not by the key/,
  },
  { name: 'a proxy behind an authority', sent: ({ user, sub: own, first }) => [user, own, first], reason: /behind .*: it is not a CA/ },
  { name: 'the root alone', sent: ({ root: anchor }) => [anchor], reason: /CN=Root CA: it is a CA and nobody to act for/ },
  {
    name: 'a proxy issued by a CA',
    sent: ({ sub: own }) => [proxyOfAuthority(), own],
    reason: /CN=Sub CA: it is a CA and nobody to act for/,
  },
  {
    name: 'thirteen certificates',
    sent: ({ user, sub: own, root: anchor }) => [user, own, ...Array.from({ length: 11 }, () => anchor)],
    reason: /13 certificates, more than 12/,
  },
  {
    name: 'a user used as authority',
    sent: ({ user }) => [make('user', { subject: names.first, issuer: names.user, signer: 'P-256:alice', key: 'P-256:first' }), user],
    reason: /behind .*: it is not a CA/,
  },
  {
    name: 'a proxy from before RFC 3820',
    sent: ({ user }) => [make('user', { subject: legacyName(), issuer: names.user, signer: 'P-256:alice', key: 'P-256:legacy' }), user],
    reason: /behind .*: it is not a CA/,
  },
  {
    name: 'a proxy from before RFC 3820 alone',
    sent: () => [make('user', { subject: legacyName(), issuer: names.user, signer: 'P-256:alice', key: 'P-256:legacy' })],
    reason: /CN=Alice Example is no authority of the CA directory/,
  },
];

type ListChange = NonNullable<Parameters<typeof makeList>[0]>;
const list = (what: string, change: ListChange, reason: RegExp): BadChain => ({
  name: `a list: ${what}`,
  material: () => ({ revocations: [makeList(change)] }),
  reason,
});

const inTime = time('2026-07-01T00:00:00Z');
const noGood = (fault: string) => new RegExp(`the revocation list of .*CN=Sub CA is no good: ${fault}`);
const lists: readonly BadChain[] = [
  list('the user', { entries: [revokedEntry(integer(11))] }, /CN=Alice Example: it is revoked/),
  list('the user among others', { entries: [integer(9), integer(11), integer(12)].map((serial) => revokedEntry(serial)) }, /it is revoked/),
  list('the user, on hold', { entries: [revokedEntry(integer(11), extension('2.5.29.21', Buffer.from([0x0a, 1, 6])))] }, /it is revoked/),
  list('the sub CA', { issuer: names.root, signer: 'P-256:root', entries: [revokedEntry(integer(2))] }, /CN=Sub CA: it is revoked/),
  list('stale', { nextUpdate: time('2026-06-15T11:59:59Z') }, noGood('it expired at')),
  list('of the future', { thisUpdate: time('2026-06-15T12:00:01Z') }, noGood('it is not valid before')),
  list('without an end', { nextUpdate: Buffer.alloc(0) }, noGood('it ends early')),
  list('forged', { signer: 'P-256:mallory' }, noGood('its signature is not by the key')),
  list('signed by the root instead', { signer: 'P-256:root' }, noGood('its signature is not by the key')),
  list('signed with SHA-1', { algorithm: algorithms.sha1Ec }, noGood('it is signed with SHA1')),
  list('a delta', { extensions: [extension('2.5.29.27', integer(1), true)] }, noGood('it has the critical extension 2.5.29.27')),
  list(
    'of one distribution point',
    { extensions: [extension('2.5.29.28', sequence(), true)] },
    noGood('it has the critical extension 2.5.29.28'),
  ),
  list(
    'of others',
    { entries: [revokedEntry(integer(12), extension('2.5.29.29', sequence(), true))] },
    noGood('it has the critical extension 2.5.29.29'),
  ),
  list('an extension twice', { extensions: [strange(false), strange(false)] }, noGood('it has extension 1.3.6.1.4.1.99999.1 twice')),
  list(
    'a padded entry',
    { entries: [revokedEntry(Buffer.from([2, 2, 0, 11]))] },
    noGood("it: an entry's serial number is a padded integer"),
  ),
  list(
    'a bad date',
    { entries: [sequence(integer(12), utcTimeText('2601010000Z'))] },
    noGood("it: an entry's revocation date is not a time"),
  ),
  list(
    'an entry and more',
    { entries: [sequence(integer(12), time('2026-01-01T00:00:00Z'), sequence(strange(false)), octets())] },
    noGood('it has bytes'),
  ),
  list('an entry that is none', { entries: [utf8String('11')] }, noGood('it has type')),
  list(
    'critical written as 1',
    { extensions: [sequence(Buffer.from([6, 1, 42]), boolean(1), octets())] },
    noGood('it: extension 1.2: critical'),
  ),
  list('more than lists have', { nextUpdate: Buffer.concat([inTime, integer(1)]) }, noGood('it has bytes after its end')),
  list(
    'more than extensions behind',
    { nextUpdate: Buffer.concat([inTime, explicit(0, sequence(strange(false)), octets())]) },
    noGood('it has bytes after its end'),
  ),
  list(
    'something between its dates',
    { thisUpdate: Buffer.concat([time('2026-06-01T00:00:00Z'), octets()]) },
    noGood('it: nextUpdate is not a time'),
  ),
  {
    name: 'a list of a sub CA that may not sign any',
    changes: { sub: { extensions: { keyUsage: keyUsage('keyCertSign') } } },
    material: () => ({ revocations: [makeList()] }),
    reason: noGood('its issuer may not sign revocation lists'),
  },
  {
    name: 'no list of the root where all are required',
    options: { revocation: 'required' },
    material: () => ({ revocations: [makeList()] }),
    reason: /there is no revocation list of .*CN=Root CA/,
  },
  { name: 'no list where all are required', options: { revocation: 'required' }, reason: /there is no revocation list of .*CN=Sub CA/ },
  {
    name: 'a list that cannot be read',
    material: (world) => ({ unreadableRevocationsOf: [world.sub] }),
    reason: noGood('it cannot be read'),
  },
  {
    name: 'two good lists, the second with the user',
    material: () => ({ revocations: [makeList(), makeList({ entries: [revokedEntry(integer(11))] })] }),
    reason: /it is revoked/,
  },
];

/** The usual names and nothing else: every key is a forger's. */
function forgedChain(members: readonly (keyof ReturnType<typeof makeWorld>)[]): Buffer[] {
  const forged = makeWorld({
    root: { key: 'P-256:f0', signer: 'P-256:f0' },
    sub: { key: 'P-256:f1', signer: 'P-256:f0' },
    user: { key: 'P-256:f2', signer: 'P-256:f1' },
    first: { key: 'P-256:f3', signer: 'P-256:f2' },
    second: { key: 'P-256:f4', signer: 'P-256:f3' },
  });
  return members.map((member) => forged[member]);
}

function proxyOfAuthority(): Buffer {
  return make('first', {
    issuer: names.sub,
    subject: name('DC=ch', 'DC=example', 'O=Test Grid', 'CN=Sub CA', 'CN=42'),
    signer: 'P-256:sub',
  });
}

function legacyName(): Buffer {
  return name('DC=ch', 'DC=example', 'O=Test Grid', 'OU=Users', 'CN=alice', 'CN=Alice Example', 'CN=proxy');
}

export const badPaths: readonly BadChain[] = [...authorities, ...anchors, ...orders, ...lists];
