import { bmpString, ia5String, printableString, set, teletexString, utf8String } from './der-writer.js';
import { attribute, name, rdn } from './names.js';

/** Names whose one-line text has a trap in it; what OpenSSL 3 makes of them is in vectors/one-line.json. */
export const strangeNames: Readonly<Record<string, Buffer>> = {
  plain: name('DC=ch', 'DC=example', 'O=Test Grid', 'CN=Alice Example'),
  slash: name('DC=ch', 'CN=host/se.example.org'),
  plus: name('DC=ch', 'CN=Alice+Bob'),
  'slash and equals': name('DC=ch', 'CN=x/CN=y'),
  'slashes and pluses': name('DC=ch', 'OU=//a++/', 'CN=/'),
  'two attributes in one part': name('DC=ch', set(attribute('CN=alice'), attribute('UID=a1'))),
  'three attributes in one part': name(set(attribute('CN=a+b'), attribute('UID=c/d'), attribute('OU=e')), 'CN=f'),
  'UTF-8': name('DC=ch', 'CN=Jürgen Ångström'),
  'UTF-8 beyond the first plane': name('CN=\u{1F600}'),
  'Latin-1': name(rdn('CN=', teletexString('J\xfcrgen'))),
  'UTF-16': name(rdn('CN=', bmpString('Dora/ä+'))),
  PrintableString: name(rdn('O=', printableString("A-Z (0-9) ',./:=?"))),
  'PrintableString with more': name(rdn('CN=', printableString('robot_1@example'))),
  IA5String: name(rdn('DC=', ia5String('example~!#$%')), 'emailAddress=a@b.c'),
  'commas, quotes and equals': name('O=Example, Inc. "x"', 'CN=a=b; c<d>'),
  blanks: name('CN= two  blanks '),
  'string types that differ': name(rdn('O=', utf8String('Same')), rdn('OU=', printableString('Same'))),
  'every short name': name(
    ...['3', '4', '5', '7', '8', '9', '10', '11', '12', '13', '15', '17', '41', '42', '43', '44', '46', '65', '97'].map(
      (last) => `2.5.4.${last}=x`,
    ),
    rdn('C=CH'),
    '0.9.2342.19200300.100.1.1=x',
    '0.9.2342.19200300.100.1.3=x',
    'DC=x',
    'emailAddress=x',
    '1.2.840.113549.1.9.2=x',
  ),
  'types without a short name': name('1.2.3.4.5=x', '2.999.1=y', '1.3.6.1.4.1.99999.123456789=z', '0.1.2=w'),
};
