import {
  bmpString,
  ia5String,
  integer,
  numericString,
  oid,
  printableString,
  raw,
  sequence,
  set,
  tlv,
  unsortedSet,
  utf8String,
} from '../maker/der-writer.js';
import { attribute, name, rdn } from '../maker/names.js';
import { aliceParts, names } from '../maker/world.js';
import type { BadChain } from './chain-case.js';

/** A user of a name that is wrong in one way; the proxies below are left out, so that no copy of the name is wrong as well. */
function subject(what: string, wrong: Buffer, reason: RegExp): BadChain {
  return { name: what, changes: { user: { subject: wrong } }, sent: ({ user }) => [user], reason };
}

const cn = (value: Buffer) => name('DC=ch', rdn('CN=', value));
const written: readonly BadChain[] = [
  subject('a NUL inside a name', cn(utf8String('alice\0.example.org')), /subject: CN holds a control character/),
  subject('a NUL at the end of a name', cn(ia5String('alice\0')), /subject: CN holds a control character/),
  subject('a NUL in UTF-16', cn(bmpString('al\0ice')), /subject: CN holds a control character/),
  subject('a line end in a name', cn(utf8String('alice\n')), /subject: CN holds a control character/),
  subject('a C1 control in a name', cn(utf8String('alice\u0085')), /subject: CN holds a control character/),
  subject(
    'a backslash, as escaped bytes are written',
    cn(utf8String('\\xC3\\x84lice')),
    /subject: CN holds a control character or a backslash/,
  ),
  subject('an empty name', name(), /subject is empty/),
  subject('an empty part', name('DC=ch', set()), /subject has an empty part/),
  subject('an empty value', cn(utf8String('')), /subject: CN is empty/),
  subject('a value of 1025 bytes', cn(utf8String('a'.repeat(1025))), /longer than 1024 bytes/),
  subject('a name of 65 parts', name(...Array.from({ length: 65 }, (_, at) => `DC=${at}`)), /more than 64 parts/),
  subject('a name of more than 4096 characters', name(...Array.from({ length: 5 }, () => `OU=${'x'.repeat(1000)}`)), /longer than 4096/),
  subject('a PrintableString beyond ASCII', cn(printableString('\xc4lice')), /subject: CN is not ASCII/),
  subject('an IA5String beyond ASCII', name(rdn('DC=', ia5String('z\xfcrich'))), /subject: DC is not ASCII/),
  subject('a UTF8String that is none', cn(tlv(0x0c, raw('41 c3'))), /subject: CN is not UTF-8/),
  subject('a NUL written in two bytes', cn(tlv(0x0c, raw('41 c0 80'))), /subject: CN is not UTF-8/),
  subject('half a UTF-16 character', cn(tlv(0x1e, raw('00 41 00'))), /BMPString of half a character/),
  subject('UTF-16 surrogates', cn(tlv(0x1e, raw('d8 3d de 00'))), /BMPString with surrogates/),
  subject('a NumericString', cn(numericString('12345')), /CN is of a string type that names do not have/),
  subject('a number', cn(integer(12345)), /CN is of a string type that names do not have/),
  subject('an attribute and more', name('DC=ch', set(sequence(oid('2.5.4.3'), utf8String('a'), utf8String('b')))), /bytes after its end/),
  subject('an attribute without a value', name('DC=ch', set(sequence(oid('2.5.4.3')))), /subject ends early/),
  subject('a set out of order', name('DC=ch', unsortedSet(attribute('UID=a1'), attribute('CN=alice'))), /subject has a set out of order/),
  subject('an attribute twice', name('DC=ch', unsortedSet(attribute('CN=alice'), attribute('CN=alice'))), /subject has a set out of order/),
  { name: 'an empty issuer', changes: { user: { issuer: name() } }, reason: /certificate 3: issuer is empty/ },
];

/** RFC 3820 3.4: a proxy is its issuer's name and one CN. */
function proxyNamed(what: string, wrong: Buffer): BadChain {
  return {
    name: what,
    changes: { first: { subject: wrong } },
    sent: ({ first, user }) => [first, user],
    reason: /^proxy .*its subject is not its issuer plus one CN$/,
  };
}

const otherCase = aliceParts.map((part) => part.replace('CN=alice', 'CN=Alice'));
const proxies: readonly BadChain[] = [
  proxyNamed('the name of another user and a CN', name('DC=ch', 'DC=example', 'O=Test Grid', 'OU=Users', 'CN=bob', 'CN=42')),
  proxyNamed('two CNs more', name(...aliceParts, 'CN=42', 'CN=43')),
  proxyNamed('no CN more', names.user),
  proxyNamed('an OU more', name(...aliceParts, 'OU=42')),
  proxyNamed('a CN and an OU in one part more', name(...aliceParts, set(attribute('CN=42'), attribute('OU=x')))),
  proxyNamed('two CNs in one part more', name(...aliceParts, set(attribute('CN=42'), attribute('CN=43')))),
  proxyNamed('a CN in front', name('CN=42', ...aliceParts)),
  proxyNamed('a CN in the middle', name(...aliceParts.slice(0, -1), 'CN=42', ...aliceParts.slice(-1))),
  proxyNamed('a part less', name(...aliceParts.slice(0, -1), 'CN=42')),
  proxyNamed('the name in other case', name(...otherCase, 'CN=42')),
  proxyNamed('the name with another attribute type', name(...aliceParts.slice(0, -1), 'OU=Alice Example', 'CN=42')),
  proxyNamed('the name with a blank more', name(...aliceParts.slice(0, -1), 'CN=Alice Example ', 'CN=42')),
  proxyNamed('two parts of the name made one', name(...aliceParts.slice(0, -2), 'CN=alice/CN=Alice Example', 'CN=42')),
  proxyNamed(
    'two parts of the name in one set',
    name(...aliceParts.slice(0, -2), set(attribute('CN=alice'), attribute('CN=Alice Example')), 'CN=42', 'CN=43'),
  ),
  proxyNamed('a name that looks the same (Cyrillic)', name(...aliceParts.slice(0, -1), 'CN=\u0410lice Example', 'CN=42')),
  proxyNamed('a name that is the same composed otherwise', name(...aliceParts.slice(0, -1), 'CN=A\u0301lice Example', 'CN=42')),
  {
    name: 'another issuer than the next certificate',
    changes: { second: { issuer: names.user } },
    reason: /its issuer is not the subject of the next certificate/,
  },
];

export const badNames: readonly BadChain[] = [...written, ...proxies];
