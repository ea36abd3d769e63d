import { ia5String, oid, printableString, sequence, set, utf8String } from './der-writer.js';

const types: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  DC: '0.9.2342.19200300.100.1.25',
  UID: '0.9.2342.19200300.100.1.1',
  emailAddress: '1.2.840.113549.1.9.1',
};

/** `CN=Alice` with the string type an authority would choose, or with the value given. */
export function attribute(text: string, value?: Buffer): Buffer {
  const [type = '', ...rest] = text.split('=');
  const plain = rest.join('=');
  const usual = type === 'DC' || type === 'emailAddress' ? ia5String : type === 'C' ? printableString : utf8String;
  return sequence(oid(types[type] ?? type), value ?? usual(plain));
}

export const rdn = (text: string, value?: Buffer): Buffer => set(attribute(text, value));

/** A name of one attribute per part; parts that are bytes already are taken as they are. */
export function name(...parts: readonly (string | Buffer)[]): Buffer {
  return sequence(...parts.map((part) => (typeof part === 'string' ? rdn(part) : part)));
}
