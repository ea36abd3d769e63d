import { DerReader, Malformed, readOid, tag, type Element } from './der.js';

/** One attribute of a name: its type, its text, and the bytes of its value as written. */
export interface Attribute {
  readonly type: string;
  readonly text: string;
  readonly raw: Buffer;
}

/** A distinguished name (RFC 5280 4.1.2.4): a sequence of sets of attributes. */
export interface Name {
  readonly rdns: readonly (readonly Attribute[])[];
  /**
   * Equal for names that are equal: attribute types and texts, exact and with case, whatever string type holds a text. DIRAC chooses
   * the string types of a proxy's subject anew, so that the bytes of the user's name differ from those of its copy.
   */
  readonly key: string;
}

const maxRdns = 64;
const maxValueBytes = 1024;
const maxOneLineChars = 4096;

/** Short names of attribute types as OpenSSL prints them; others are printed as numbers, there as here. */
const shortNames: Readonly<Record<string, string>> = {
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.3': 'mail',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.41': 'name',
  '2.5.4.42': 'GN',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.65': 'pseudonym',
  '2.5.4.97': 'organizationIdentifier',
};

/** Reads a name; an empty one (no identity at all) is refused, as are texts that a one-line spelling could not tell apart. */
export function readName(element: Element, what: string): Name {
  const reader = new DerReader(element.content, what);
  const rdns: Attribute[][] = [];
  while (!reader.atEnd) {
    if (rdns.length === maxRdns) throw new Malformed(`${what} has more than ${maxRdns} parts`);
    rdns.push(readRdn(reader.inside(tag.set), what));
  }
  if (rdns.length === 0) throw new Malformed(`${what} is empty`);
  const name = { rdns, key: JSON.stringify(rdns.map(rdnKey)) };
  if (oneLine(name).length > maxOneLineChars) throw new Malformed(`${what} is longer than ${maxOneLineChars} characters`);
  return name;
}

/** True when a name is `base` and exactly one part more, which is a single CN (RFC 3820 3.4). */
export function extendsByOneCn(name: Name, base: Name): boolean {
  const last = name.rdns.at(-1)!;
  return (
    name.rdns.length === base.rdns.length + 1 &&
    last.length === 1 &&
    last[0]!.type === '2.5.4.3' &&
    name.rdns.slice(0, -1).every((rdn, at) => rdnKey(rdn) === rdnKey(base.rdns[at]!))
  );
}

/** The name on one line as OpenSSL 3 writes it: `/` and `+` inside a value escaped, parts of one set joined by `+`, other bytes as `\xC3`. */
export function oneLine(name: Name): string {
  return spell(name, '+', (text) => text.replace(/[/+]/g, '\\$&'));
}

/**
 * The spellings a Registry may hold: OpenSSL 3's, then OpenSSL 1.1's where it differs (nothing escaped, sets joined by `/`). That one
 * is left out when a value would read as a part of its own (`x/CN=y`): the same text would be another person's name.
 */
export function spellings(name: Name): readonly string[] {
  const now = oneLine(name);
  const before = spell(name, '/', (text) => text);
  const ambiguous = name.rdns.flat().some(({ raw }) => /[/+][^/+]*=/.test(raw.toString('latin1')));
  return before === now || ambiguous ? [now] : [now, before];
}

function readRdn(reader: DerReader, what: string): Attribute[] {
  const elements: Element[] = [];
  while (!reader.atEnd) {
    const element = reader.next(tag.sequence);
    // X.690 11.6: the elements of a set stand in ascending order.
    const before = elements.at(-1);
    if (before && Buffer.compare(before.bytes, element.bytes) >= 0) throw new Malformed(`${what} has a set out of order`);
    elements.push(element);
  }
  if (elements.length === 0) throw new Malformed(`${what} has an empty part`);
  return elements.map((element) => readAttribute(element, what));
}

function readAttribute(element: Element, what: string): Attribute {
  const reader = new DerReader(element.content, what);
  const type = readOid(reader.next(tag.oid), `${what}: attribute type`);
  const value = reader.next();
  reader.end();
  const where = `${what}: ${shortNames[type] ?? type}`;
  if (value.content.length === 0 || value.content.length > maxValueBytes) {
    throw new Malformed(`${where} is empty or longer than ${maxValueBytes} bytes`);
  }
  const text = decode(value, where);
  // A NUL ends the text for some readers, and OpenSSL writes other bytes with a backslash that it does not escape itself.
  if (/[\p{Cc}\\]/u.test(text)) throw new Malformed(`${where} holds a control character or a backslash`);
  return { type, text, raw: value.content };
}

/** RFC 5280 4.1.2.4 (DirectoryString) and IA5String, which DC and emailAddress are. */
function decode({ tag: type, content }: Element, what: string): string {
  switch (type) {
    case tag.utf8String:
      return utf8(content, what);
    case tag.printableString:
    case tag.ia5String:
      // Authorities have put "@" and "_" into PrintableStrings for decades: ASCII is asked for, no narrower alphabet.
      if (content.some((octet) => octet >= 0x80)) throw new Malformed(`${what} is not ASCII`);
      return content.toString('latin1');
    case tag.teletexString:
      return content.toString('latin1');
    case tag.bmpString:
      return utf16(content, what);
    default:
      throw new Malformed(`${what} is of a string type that names do not have`);
  }
}

function utf8(content: Buffer, what: string): string {
  const text = content.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(content)) throw new Malformed(`${what} is not UTF-8`);
  return text;
}

function utf16(content: Buffer, what: string): string {
  if (content.length % 2 !== 0) throw new Malformed(`${what} is a BMPString of half a character`);
  const text = Buffer.from(content).swap16().toString('utf16le');
  if (/[\ud800-\udfff]/.test(text)) throw new Malformed(`${what} is a BMPString with surrogates`);
  return text;
}

/** Order inside a set follows the bytes, which follow the string types: it says nothing about equality. */
function rdnKey(rdn: readonly Attribute[]): string {
  return JSON.stringify(rdn.map(({ type, text }) => `${type}=${text}`).sort());
}

function spell(name: Name, join: string, escape: (text: string) => string): string {
  const parts = name.rdns.map((rdn) => rdn.map(({ type, raw }) => `${shortNames[type] ?? type}=${escape(printable(raw))}`).join(join));
  return `/${parts.join('/')}`;
}

/** Bytes as OpenSSL prints them: printable ASCII as it is, anything else as `\xC3`. */
function printable(raw: Buffer): string {
  return raw.toString('latin1').replace(/[^ -~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
