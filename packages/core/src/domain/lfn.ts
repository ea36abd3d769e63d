import { DiracS3Error } from '../errors/index.js';

declare const lfnBrand: unique symbol;
declare const directoryBrand: unique symbol;

/** Logical file name, proven canonical by {@link parseLfn}: `/vo/user/a/alice/file`. */
export type Lfn = string & { readonly [lfnBrand]: true };

/** A directory of the logical name space: canonical like an {@link Lfn}, or the root `/`. Every LFN is also one. */
export type LfnDirectory = (string & { readonly [directoryBrand]: true }) | Lfn;

/** S3 keys hold 1 024 bytes of UTF-8 (AWS "Creating object key names"); an LFN is held to the same with its slash. */
export const maxLfnBytes = 1024;

/**
 * Accepts a canonical LFN or throws `invalid-lfn`. Nothing is ever repaired: the catalog judges the name it normalised,
 * S3 signs the name it was given, and a difference between the two would be permission for another file.
 *
 * Refused: not text, empty, not absolute, the root, `//`, `.` and `..` segments, a trailing slash, control characters,
 * backslash, `?` and `#` (DIRAC's URL parser drops what follows them, so that distinct names would collide), unpaired
 * surrogates (not valid UTF-8), more than {@link maxLfnBytes} bytes, and names below `/grid/`, which DIRAC's catalog
 * strips before it judges (`checkCatalogArguments`).
 */
export function parseLfn(text: unknown): Lfn {
  const fault = lfnFault(text);
  if (fault !== undefined) throw new DiracS3Error('invalid-lfn', `${show(text)}: ${fault}`);
  return text as Lfn;
}

/** As {@link parseLfn}, for a directory: the root `/` is accepted too. */
export function parseLfnDirectory(text: unknown): LfnDirectory {
  return text === '/' ? (text as LfnDirectory) : parseLfn(text);
}

/** The reason why a text is no canonical LFN, or undefined when it is one. */
export function lfnFault(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'an LFN must be text';
  if (text === '') return 'an LFN must not be empty';
  if (!text.startsWith('/')) return 'an LFN must start with "/"';
  if (text === '/') return 'the root directory is not a file name';
  // Names are at most this long in UTF-16 units too: the cheap test first, for names of hostile size.
  if (text.length > maxLfnBytes || Buffer.byteLength(text) > maxLfnBytes) return `an LFN must not exceed ${maxLfnBytes} bytes`;
  if (!text.isWellFormed()) return 'an LFN must be valid UTF-8 (it holds an unpaired surrogate)';
  const forbidden = /[\p{Cc}\\?#]/u.exec(text);
  if (forbidden) return `an LFN must not contain ${nameOf(forbidden[0])}`;
  if (text.endsWith('/')) return 'an LFN must not end with "/"';
  if (text.includes('//')) return 'an LFN must not contain an empty segment ("//")';
  if (/\/\.{1,2}(?:\/|$)/.test(text)) return 'an LFN must not contain "." or ".." segments';
  if (text.startsWith('/grid/')) return 'an LFN must not start with "/grid/", which the File Catalog would strip';
  return undefined;
}

/** The directory an LFN (or directory) stands in; of the root, the root. */
export function parentOf(path: LfnDirectory): LfnDirectory {
  const cut = path.lastIndexOf('/');
  return (cut <= 0 ? '/' : path.slice(0, cut)) as LfnDirectory;
}

/** Every directory above a path, nearest first, ending with the root. */
export function ancestorsOf(path: LfnDirectory): LfnDirectory[] {
  const ancestors: LfnDirectory[] = [];
  for (let at = path; at !== '/';) {
    at = parentOf(at);
    ancestors.push(at);
  }
  return ancestors;
}

/** The last segment. */
export function baseNameOf(lfn: Lfn): string {
  return lfn.slice(lfn.lastIndexOf('/') + 1);
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0)
    ? `the control character U+${code.toString(16).padStart(4, '0').toUpperCase()}`
    : `"${character}"`;
}

/** A name as it may be printed: quoted, no longer than a line, nothing in it that a terminal would obey or hide. */
function show(text: unknown): string {
  if (typeof text !== 'string') return `a value of type ${text === null ? 'null' : typeof text}`;
  return quoted(text, 200);
}

/** A text from outside in quotes, cut to `length`; control, format and unpaired characters are written as escapes. */
export function quoted(text: string, length: number): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text.length > length ? `${text.slice(0, length)}…` : text).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    escape,
  );
}
