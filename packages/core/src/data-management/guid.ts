import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DiracS3Error } from '../errors/index.js';

/** DIRAC sums the beginning of the file only (`Core/Utilities/File.py`, makeGuid). */
const guidBytes = 10 * 1024 * 1024;

/** DIRAC's GUID of a file: the MD5 of its first 10 MiB, written 8-4-4-4-12 in upper case. */
export async function guidOfFile(path: string): Promise<string> {
  const hash = createHash('md5');
  try {
    for await (const chunk of createReadStream(path, { end: guidBytes - 1 })) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new DiracS3Error('local-file', `${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown fault'})`, { cause });
  }
  return format(hash.digest('hex'));
}

/** A GUID for a file whose bytes are not at hand. */
export function newGuid(): string {
  return randomUUID().toUpperCase();
}

/** A GUID in any case, written as the catalog stores it; undefined for what is none. */
export function asGuid(text: string): string | undefined {
  const upper = text.toUpperCase();
  return /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(upper) ? upper : undefined;
}

/** Accepts a GUID in any case, and the word `new`, which makes one. */
export function parseGuid(text: string): string {
  if (text === 'new') return newGuid();
  const guid = asGuid(text);
  if (guid !== undefined) return guid;
  throw new DiracS3Error(
    'invalid-argument',
    `guid: ${JSON.stringify(text.slice(0, 80))} is neither 8-4-4-4-12 hexadecimal digits nor "new"`,
  );
}

function format(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5').toUpperCase();
}
