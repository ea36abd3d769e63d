import { DiracS3Error } from '../../errors/index.js';
import type { ListedObject } from '../../ports/index.js';
import { compareKeys, later, placeAfterAll } from './key-order.js';

/** One page of a listing of a directory. */
export interface ListingPage {
  readonly objects: ReadonlyMap<string, ListedObject>;
  /** Keys of which the document does not say whether they are listed: a plus in it may be a blank. */
  readonly unclear: ReadonlySet<string>;
  /** Whatever has its place up to here was listed, or is not there; undefined: the directory to its end. */
  readonly passed: string | undefined;
}

/** What was asked for. */
export interface ListingQuestion {
  readonly prefix: string;
  readonly startAfter: string;
}

/**
 * Reads the document of a ListObjectsV2 with `encoding-type=url` and the delimiter `/` (Amazon S3 API Reference). Strict, since what is not
 * listed is taken for absent: a document that is cut, of another shape, out of order, or about other keys than those asked for is refused.
 *
 * @throws storage-unavailable
 */
export function readListing(document: string, { prefix, startAfter }: ListingQuestion): ListingPage {
  const [, body] = /^\s*(?:<\?xml[^>]*\?>)?\s*<ListBucketResult(?:\s[^>]*)?>(.*)<\/ListBucketResult>\s*$/s.exec(document) ?? [];
  if (body === undefined) throw odd('is no whole ListBucketResult');
  const contents = elements(body, 'Contents');
  const outside = body.replace(whole('Contents'), '').replace(whole('CommonPrefixes'), '');
  if (textOf(outside, 'EncodingType') !== 'url') throw odd('has keys that are not encoded');
  const truncated = textOf(outside, 'IsTruncated');
  if (truncated !== 'true' && truncated !== 'false') throw odd('does not say whether it goes on');

  const objects = new Map<string, ListedObject>();
  const unclear = new Set<string>();
  let passed = startAfter;
  for (const entry of contents) {
    const written = textOf(entry, 'Key') ?? '';
    const key = decoded(written);
    if (!key.startsWith(prefix) || compareKeys(key, passed) <= 0) throw odd('is not in the order of the keys');
    passed = key;
    objects.set(key, objectOf(entry));
    if (written.includes('+')) unclear.add(key).add(decoded(written.replaceAll('+', '%2B')));
  }
  let passedBelow = startAfter;
  for (const entry of elements(body, 'CommonPrefixes')) {
    const directory = decoded(textOf(entry, 'Prefix') ?? '');
    const place = placeAfterAll(directory);
    const isBelow = directory.startsWith(prefix) && directory.length > prefix.length && directory.endsWith('/');
    if (!isBelow || compareKeys(place, passedBelow) < 0) throw odd('is not in the order of the keys');
    passedBelow = place;
  }
  passed = later(passed, passedBelow);
  if (truncated === 'true' && passed === startAfter) throw odd('goes on, but lists nothing');
  return { objects, unclear, passed: truncated === 'true' ? passed : undefined };
}

function objectOf(entry: string): ListedObject {
  const size = textOf(entry, 'Size') ?? '';
  const sizeBytes = Number(size);
  const etag = (textOf(entry, 'ETag') ?? '').replace(/^"(.*)"$/, '$1');
  if (!/^\d+$/.test(size) || !Number.isSafeInteger(sizeBytes) || etag === '') throw odd('has an object without size or ETag');
  return { sizeBytes, etag };
}

/** Some stores write a blank as they do in forms. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', '%20'));
  } catch {
    throw odd('has a key that is not encoded as UTF-8');
  }
}

const whole = (name: string): RegExp => new RegExp(`<${name}>(.*?)</${name}>`, 'gs');

/** What is in the elements of a name. Encoded keys and prefixes hold no `<`. */
function elements(xml: string, name: string): string[] {
  const found = [...xml.matchAll(whole(name))].map(([, inner]) => inner!);
  // An element that begins inside another one, or never ends, would hide the entries after it.
  if (xml.split(`<${name}`).length !== found.length + 1) throw odd(`has a ${name} that does not end`);
  return found;
}

/** Text of the only element of a name; undefined where there is none, or several. */
function textOf(xml: string, name: string): string | undefined {
  const [opening, closing] = [`<${name}>`, `</${name}>`];
  const start = xml.indexOf(opening) + opening.length;
  const end = xml.indexOf(closing, start);
  if (start < opening.length || end < 0 || xml.includes(opening, end)) return undefined;
  const text = xml.slice(start, end);
  return text.includes('<') ? undefined : unescaped(text);
}

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** XML 1.0, "Character and Entity References": stores write quotes as references, of ETags and of keys that are encoded already. */
function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));|&/gi, (_, hex?: string, decimal?: string, name?: string) => {
    const codePoint = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    const character = codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : entities.get(name ?? '');
    if (character === undefined) throw odd('has a reference to no character');
    return character;
  });
}

function odd(what: string): DiracS3Error {
  return new DiracS3Error('storage-unavailable', `the listing ${what}`);
}
