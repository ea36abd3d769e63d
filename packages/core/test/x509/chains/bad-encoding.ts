import { algorithms, extension } from '../maker/certificate.js';
import * as der from '../maker/der-writer.js';
import { basicConstraints, diracGroup, keyUsage, oids, proxyCertInfo } from '../maker/extensions.js';
import { make, names, type Change } from '../maker/world.js';
import type { BadChain } from './chain-case.js';

const { bits, boolean, explicit, generalizedTimeText, integer, octets, oid, raw, sequence, tlv, utcTimeText, utf8String } = der;

/** The usual chain with one fault in how the user's certificate is written; it is signed over the fault, so nothing else is wrong. */
const user = (name: string, change: Change, reason: RegExp): BadChain => ({ name, changes: { user: change }, reason });
const first = (name: string, change: Change, reason: RegExp): BadChain => ({ name, changes: { first: change }, reason });
const withExtension = (name: string, value: Buffer, reason: RegExp) => user(name, { extensions: { fault: value } }, reason);

const withoutExtensions = { basicConstraints: undefined, keyUsage: undefined, extendedKeyUsage: undefined };
const frame: readonly BadChain[] = [
  user('bytes after the certificate', { finish: (whole) => Buffer.concat([whole, raw('00')]) }, /certificate 3 has bytes after its end/),
  user(
    'bytes behind the signature',
    { finish: (whole) => sequence(whole.subarray(4), der.nothing) },
    /certificate 3 has bytes after its end/,
  ),
  user(
    'bytes behind the list of extensions',
    { extensions: withoutExtensions, tail: explicit(3, sequence(basicConstraints(false)), der.nothing) },
    /certificate 3 has bytes after its end/,
  ),
  user('a certificate cut off', { finish: (whole) => whole.subarray(0, -1) }, /certificate 3 is cut off/),
  user('a padded length', { finish: der.withPaddedLength }, /certificate 3 has a padded length/),
  user('an indefinite length', { finish: der.withIndefiniteLength }, /certificate 3 has an indefinite length/),
  user(
    'a length of five octets',
    { finish: (whole) => Buffer.concat([raw('30 85 00 00 00'), whole.subarray(2)]) },
    /more than four octets/,
  ),
  user('a set where a sequence must be', { finish: (whole) => Buffer.concat([raw('31'), whole.subarray(1)]) }, /type 0x31 where 0x30/),
  user('PEM instead of DER', { finish: (whole) => Buffer.from(`-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}`) }, /type 0x2d/),
  user('nothing', { finish: () => Buffer.alloc(0) }, /certificate 3 ends early/),
  user('one byte', { finish: () => raw('30') }, /certificate 3 is cut off/),
  user('more than 64 KiB', { extensions: { padding: extension('1.2.3', octets(Buffer.alloc(66_000))) } }, /larger than 65536 bytes/),
  user('a signature of odd bits', { finish: withUnusedBits }, /signature is not a bit string of whole octets/),
  user('bytes after the extensions', { tail: integer(1) }, /certificate 3 has bytes after its end/),
  user('a unique identifier', { tail: tlv(0x82, raw('00 01')) }, /certificate 3 has bytes after its end/),
  user('another signature algorithm inside', { innerAlgorithm: algorithms.sha384Ec.identifier }, /names two signature algorithms/),
  user(
    'parameters of a signature on a curve',
    { algorithm: { identifier: sequence(oid('1.2.840.10045.4.3.2'), der.nothing), digest: 'sha256' } },
    /signature algorithm has bytes after its end/,
  ),
  {
    name: 'parameters of an RSA signature',
    changes: {
      sub: { key: 'rsa2048:sub' },
      user: {
        signer: 'rsa2048:sub',
        algorithm: { identifier: sequence(oid('1.2.840.113549.1.1.11'), tlv(0x05, raw('00'))), digest: 'sha256' },
      },
    },
    reason: /signature algorithm has parameters/,
  },
];

const fields: readonly BadChain[] = [
  user('version 1, by leaving it out', { version: Buffer.alloc(0) }, /not of X\.509 version 3/),
  user('version 2', { version: explicit(0, integer(1)) }, /not of X\.509 version 3/),
  user('version 4', { version: explicit(0, integer(3)) }, /not of X\.509 version 3/),
  user('a version and more', { version: explicit(0, integer(2), integer(2)) }, /version has bytes after its end/),
  user('a padded version', { version: explicit(0, raw('02 02 00 02')) }, /version is a padded integer/),
  user('a serial number without content', { serial: raw('02 00') }, /serial number is an integer without content/),
  user('a padded serial number', { serial: raw('02 02 00 0b') }, /serial number is a padded integer/),
  user('a negative serial number, padded', { serial: raw('02 02 ff 80') }, /serial number is a padded integer/),
  user('a negative serial number', { serial: raw('02 01 8b') }, /serial number is negative/),
  user('a serial number of 21 octets', { serial: integer(2n ** 160n) }, /longer than 20 octets/),
  user('a serial number that is text', { serial: utf8String('11') }, /type 0x0c where 0x02/),
];

const bad = (name: string, notAfter: Buffer, reason: RegExp) => user(name, { notAfter }, reason);
const times: readonly BadChain[] = [
  bad('a time without seconds', utcTimeText('2701010000Z'), /notAfter is not a time/),
  bad('a time with an offset', utcTimeText('270101000000+0100'), /notAfter is not a time/),
  bad('a time without a zone', utcTimeText('270101000000'), /notAfter is not a time/),
  bad('a time of letters', utcTimeText('27010100000xZ'), /notAfter is not a time/),
  bad('a time that is text', utf8String('270101000000Z'), /notAfter is not a time/),
  bad('a GeneralizedTime before 2050', generalizedTimeText('20270101000000Z'), /notAfter is a GeneralizedTime before 2050/),
  bad('a GeneralizedTime with fractions', generalizedTimeText('20610101000000.5Z'), /notAfter is not a time/),
  bad('a GeneralizedTime of two-digit years', generalizedTimeText('610101000000Z'), /notAfter is not a time/),
  bad('30 February', utcTimeText('270230000000Z'), /notAfter is a time that does not exist/),
  bad('month 13', utcTimeText('271301000000Z'), /notAfter is a time that does not exist/),
  bad('month 0', utcTimeText('270001000000Z'), /notAfter is a time that does not exist/),
  bad('hour 24', utcTimeText('270101240000Z'), /notAfter is a time that does not exist/),
  bad('a leap second', utcTimeText('270101235960Z'), /notAfter is a time that does not exist/),
  bad('a third date', Buffer.concat([der.time('2027-01-01T00:00:00Z'), der.time('2028-01-01T00:00:00Z')]), /bytes after its end/),
  user('the year 1950 written 50', { notBefore: utcTimeText('250101000000Z'), notAfter: utcTimeText('500101000000Z') }, /expired at 1950/),
];

const extensions: readonly BadChain[] = [
  withExtension('an extension twice', keyUsage('digitalSignature'), /has extension 2\.5\.29\.15 twice/),
  first('a group twice', { extensions: { more: diracGroup('dirac_admin') } }, /has extension 1\.2\.42\.42 twice/),
  first('proxyCertInfo twice', { extensions: { more: proxyCertInfo({ pathLength: 3 }) } }, /1\.3\.6\.1\.5\.5\.7\.1\.14 twice/),
  withExtension('critical written as 1', sequence(oid('1.2.3'), boolean(1), octets()), /critical is not a DER TRUE/),
  withExtension('critical written though false', sequence(oid('1.2.3'), boolean(0), octets()), /critical is not a DER TRUE/),
  withExtension('an extension with more than a value', sequence(oid('1.2.3'), octets(), octets()), /bytes after its end/),
  withExtension('an extension whose value is not wrapped', sequence(oid('1.2.3'), integer(1)), /type 0x02 where 0x04/),
  withExtension('an identifier without content', sequence(raw('06 00'), octets()), /extension is not an object identifier/),
  withExtension('an identifier cut off', sequence(raw('06 02 2a 80'), octets()), /extension is not an object identifier/),
  withExtension('an identifier with a padded arc', sequence(raw('06 03 2a 80 01'), octets()), /padded object identifier/),
  user('an empty list of extensions', { extensions: nothingButList() }, /has an empty list of extensions/),
  withUsage('keyUsage with a zero at its end', bits(raw('a0'), 4), /keyUsage is not a DER list of bits/),
  withUsage('keyUsage with dirty unused bits', bits(raw('a1'), 5), /keyUsage is not a DER list of bits/),
  withUsage('keyUsage with eight unused bits', bits(raw('80'), 8), /keyUsage is not a DER list of bits/),
  withUsage('keyUsage with an empty octet at its end', bits(raw('8000'), 0), /keyUsage is not a DER list of bits/),
  withUsage('keyUsage without content', raw('03 00'), /keyUsage is not a DER list of bits/),
  withUsage('keyUsage of many octets', bits(Buffer.alloc(5, 1)), /keyUsage is not a DER list of bits/),
  withUsage('keyUsage that allows nothing', bits(Buffer.alloc(0)), /keyUsage allows nothing/),
  withUsage('keyUsage and more', Buffer.concat([bits(raw('80'), 7), raw('0500')]), /keyUsage has bytes after its end/),
  changing(
    'an empty list of purposes',
    { extendedKeyUsage: extension(oids.extendedKeyUsage, sequence()) },
    /extendedKeyUsage allows nothing/,
  ),
  changing('cA written though false', { basicConstraints: constraints(sequence(boolean(0))) }, /cA is not a DER TRUE/),
  changing(
    'a path length without a CA',
    { basicConstraints: basicConstraints(false, 0) },
    /limits the path of a certificate that is no CA/,
  ),
  changing(
    'basicConstraints and more',
    { basicConstraints: constraints(sequence(), raw('00')) },
    /basicConstraints has bytes after its end/,
  ),
];

const infos: readonly BadChain[] = [
  info('proxyCertInfo without content', Buffer.alloc(0), /proxyCertInfo ends early/),
  info('proxyCertInfo without a policy', sequence(), /proxyCertInfo ends early/),
  info('proxyCertInfo without a language', sequence(sequence()), /proxyCertInfo ends early/),
  info('proxyCertInfo and more', sequence(policy(), integer(1)), /proxyCertInfo has bytes after its end/),
  info('a policy and more', sequence(sequence(oid('1.3.6.1.5.5.7.21.1'), octets(), octets())), /proxyCertInfo has bytes after its end/),
  info('a path length behind the policy', sequence(policy(), integer(0)), /proxyCertInfo has bytes after its end/),
  info('a negative path length', sequence(raw('02 01 ff'), policy()), /path length is out of range/),
  info('an enormous path length', sequence(integer(2n ** 40n), policy()), /path length is out of range/),
  group('a group in UTF-8', utf8String('dirac_user'), /DIRAC group has type 0x0c where 0x16/),
  group('an empty group', der.ia5String(''), /DIRAC group is not a name/),
  group('a group with a space', der.ia5String('dirac user'), /DIRAC group is not a name/),
  group('a group with a NUL', der.ia5String('dirac\0user'), /DIRAC group is not a name/),
  group('a group with a line end', der.ia5String('dirac_user\n'), /DIRAC group is not a name/),
  group('a group of 256 characters', der.ia5String('g'.repeat(256)), /DIRAC group is not a name/),
  group('a group beyond ASCII', der.ia5String('gr\xfcn'), /DIRAC group is not a name/),
  group('a group and more', Buffer.concat([der.ia5String('dirac_user'), raw('00')]), /DIRAC group has bytes after its end/),
];

/** Also what nobody's verdict would need must be well formed: a certificate that two programs read in two ways is nobody's. */
const behind: readonly BadChain[] = [
  {
    name: 'a padded length in an authority behind',
    sent: ({ user: alice, sub }) => [alice, der.withPaddedLength(sub)],
    reason: /certificate 2 has a padded length/,
  },
  {
    name: 'a version 1 authority behind',
    sent: ({ user: alice }) => [alice, make('sub', { version: Buffer.alloc(0) })],
    reason: /certificate 2 is not of X\.509 version 3/,
  },
  { name: 'rubbish behind', sent: ({ user: alice }) => [alice, names.bob], reason: /certificate 2/ },
];

function withUnusedBits(whole: Buffer): Buffer {
  const copy = Buffer.from(whole);
  // The signature is the last element: 03 <length> 00 30 …
  copy[copy.lastIndexOf(raw('00 30')) < 0 ? 0 : whole.lastIndexOf(raw('00 30'))] = 1;
  return copy;
}

function withUsage(name: string, value: Buffer, reason: RegExp): BadChain {
  return changing(name, { keyUsage: extension(oids.keyUsage, value, true) }, reason);
}

function changing(name: string, change: Record<string, Buffer>, reason: RegExp): BadChain {
  return user(name, { extensions: change }, reason);
}

function constraints(...parts: readonly Buffer[]): Buffer {
  return extension(oids.basicConstraints, Buffer.concat(parts), true);
}

function nothingButList(): Record<string, Buffer | undefined> {
  return { ...withoutExtensions, basicConstraints: Buffer.alloc(0) };
}

function policy(): Buffer {
  return sequence(oid('1.3.6.1.5.5.7.21.1'));
}

function info(name: string, value: Buffer, reason: RegExp): BadChain {
  return first(name, { extensions: { proxyCertInfo: extension(oids.proxyCertInfo, value, true) } }, reason);
}

function group(name: string, value: Buffer, reason: RegExp): BadChain {
  return first(name, { extensions: { diracGroup: extension(oids.diracGroup, value) } }, reason);
}

export const badEncodings: readonly BadChain[] = [...frame, ...fields, ...times, ...extensions, ...infos, ...behind];
