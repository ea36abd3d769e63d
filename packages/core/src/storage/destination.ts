import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { baseNameOf, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';

/**
 * Where in a directory each LFN lands: under its base name. A canonical LFN's base name holds no separator and is neither
 * `.` nor `..`, so nothing outside the directory can be named; two LFNs with one base name are refused, as one would replace the other.
 */
export async function resolveDestinations(directory: string, lfns: readonly Lfn[]): Promise<ReadonlyMap<Lfn, string>> {
  const there = await stat(directory).catch(() => undefined);
  if (!there?.isDirectory()) throw new DiracS3Error('local-file', `${directory} is not a directory`);
  const real = await realpath(directory);
  const owners = new Map<string, Lfn>();
  const destinations = new Map<Lfn, string>();
  for (const lfn of new Set(lfns)) {
    // Case is ignored: on some file systems both names would be one file.
    const name = baseNameOf(lfn).toLowerCase();
    const other = owners.get(name);
    if (other !== undefined)
      throw new DiracS3Error('local-file', `${other} and ${lfn} would both be written to ${join(directory, baseNameOf(lfn))}`);
    owners.set(name, lfn);
    destinations.set(lfn, join(real, baseNameOf(lfn)));
  }
  return destinations;
}
