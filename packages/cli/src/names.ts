import { readFile, stat } from 'node:fs/promises';
import { failureOf, parseLfn, parseLfnDirectory, type BulkResult, type Failure, type Lfn, type LfnDirectory } from '@dirac-s3/core';
import { UsageError } from './exit-codes.js';

/** A list of more bytes is some other file that was named by mistake. */
const maxListBytes = 64 * 1024 * 1024;

/** Lines of a list file that hold something. */
export async function readList(path: string): Promise<string[]> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile()) throw new UsageError(`there is no list file ${path}`, 'list');
  if (facts.size > maxListBytes) throw new UsageError(`${path} is too large to be a list`, 'list');
  return decode(await readFile(path), path)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Bytes that are no text would silently become other names. */
function decode(bytes: Uint8Array, path: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // Said below.
  }
  throw new UsageError(`${path} is not a list: it is not text in UTF-8`, 'list');
}

/** DIRAC's convention: one argument that is the name of a local file stands for the LFNs in its lines; else the arguments are LFNs. */
export async function readNames(names: readonly string[]): Promise<string[]> {
  const [only, ...others] = names;
  if (only === undefined || others.length > 0) return names.map(withoutPrefix);
  const isList = (await stat(only).catch(() => undefined))?.isFile() === true;
  return isList ? (await readList(only)).map(withoutPrefix) : [withoutPrefix(only)];
}

/** Names of a list that is written with commas, in one word or in several. */
export function splitList(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(',')).filter((name) => name !== '');
}

/** `LFN:/vo/file` is `/vo/file`. */
export function withoutPrefix(name: string): string {
  return name.replace(/^lfn:/i, '');
}

/**
 * Asks about those names that are LFNs; the others fail alone, each in its place of the answer. A name given twice is asked once.
 */
export function askAbout<Value>(
  names: readonly string[],
  ask: (lfns: readonly Lfn[]) => Promise<BulkResult<Value, Lfn>>,
): Promise<BulkResult<Value>> {
  return askAboutEach(names, parseLfn, ask);
}

/** The same for names that may be directories, the root among them. */
export function askAboutPaths<Value>(
  names: readonly string[],
  ask: (paths: readonly LfnDirectory[]) => Promise<BulkResult<Value, LfnDirectory>>,
): Promise<BulkResult<Value>> {
  return askAboutEach(names, parseLfnDirectory, ask);
}

async function askAboutEach<Value, Name extends string>(
  names: readonly string[],
  parse: (name: string) => Name,
  ask: (names: readonly Name[]) => Promise<BulkResult<Value, Name>>,
): Promise<BulkResult<Value>> {
  const faults = new Map<string, Failure>();
  const parsed: Name[] = [];
  const unique = [...new Set(names)];
  for (const name of unique) {
    try {
      parsed.push(parse(name));
    } catch (thrown) {
      faults.set(name, failureOf(thrown));
    }
  }
  const answer: BulkResult<Value> = await askIfAny(parsed, ask);
  const failed = unique.flatMap((name): [string, Failure][] => {
    const fault = faults.get(name) ?? answer.failed.get(name);
    return fault === undefined ? [] : [[name, fault]];
  });
  return { successful: answer.successful, failed: new Map([...failed, ...answer.failed]) };
}

/** Nobody is asked about nothing. */
export async function askIfAny<Value, Name extends string>(
  names: readonly Name[],
  ask: (names: readonly Name[]) => Promise<BulkResult<Value, Name>>,
): Promise<BulkResult<Value, Name>> {
  return names.length === 0 ? { successful: new Map(), failed: new Map() } : ask(names);
}
