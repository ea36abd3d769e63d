import { parseLfn, type BulkResult, type Identity, type Lfn } from '../domain/index.js';
import type { NewFile } from '../ports/index.js';
import { identityOf } from './fakes.js';

/**
 * How a suite fills the catalog under test. The catalog must be empty but for `/`, judge by `DirectorySecurityManager`,
 * `DirectorySecurityManagerWithDelete` or `VOMSSecurityManager` without GlobalReadAccess and without VOMS roles, and give
 * new entries the mode 0775.
 */
export interface CatalogSeed {
  createDirectory(directory: { path: string; owner: string; group: string; mode: number }): Promise<void>;
  /** Registers a file as that user would. */
  addFile(file: NewFile, owner: Identity): Promise<void>;
}

export const alice = identityOf('alice');
export const bob = identityOf('bob', { group: 'guests' });
export const administrator = identityOf('carol', { group: 'admins', properties: ['FileCatalogManagement'] });

/** A home everybody may look into, and a private one. */
export const aliceHome = parseLfn('/vo/user/a/alice');
export const bobHome = parseLfn('/vo/user/b/bob');
export const aliceFile = parseLfn(`${aliceHome}/data.bin`);
export const bobFile = parseLfn(`${bobHome}/data.bin`);
export const storageElement = 'FIRST-SE';

/** A well-formed file; its GUID follows from its name. */
export function newFile(lfn: Lfn, more: Partial<NewFile> = {}): NewFile {
  return {
    lfn,
    sizeBytes: 11,
    checksum: '1a0b045d',
    guid: guidFor(lfn),
    storageElement,
    pfn: `s3://store.example/bucket${lfn}`,
    ...more,
  };
}

/** Both homes, each with one file of its owner. */
export async function fillSampleCatalog(seed: CatalogSeed): Promise<void> {
  for (const path of ['/vo', '/vo/user', '/vo/user/a', '/vo/user/b']) {
    await seed.createDirectory({ path, owner: 'carol', group: 'admins', mode: 0o755 });
  }
  await seed.createDirectory({ path: aliceHome, owner: 'alice', group: 'users', mode: 0o755 });
  await seed.createDirectory({ path: bobHome, owner: 'bob', group: 'guests', mode: 0o700 });
  await seed.addFile(newFile(aliceFile), alice);
  await seed.addFile(newFile(bobFile), bob);
}

/** Outcome of each name in the order of the answer: `ok`, or the code of its failure. */
export function outcomes<Value>(result: BulkResult<Value>): Record<string, string> {
  return Object.fromEntries([
    ...[...result.successful.keys()].map((name) => [name, 'ok']),
    ...[...result.failed].map(([name, { code }]) => [name, code]),
  ]) as Record<string, string>;
}

/** Names that only a byte-wise comparison tells apart, or that a careless statement would read as something else. */
export const trickyNames: readonly string[] = [
  'data',
  'Data',
  'data ',
  ' data',
  'd%ta',
  'd_ta',
  "o'neill",
  "x') OR ('1'='1",
  'quo"te',
  '`tick`',
  '\u00e9',
  'e\u0301',
  '\u{1F600}',
  ';--',
];

function guidFor(lfn: string): string {
  const words = [0, 1, 2, 3].map((seed) => {
    let hash = 0x811c9dc5 ^ seed;
    for (const byte of Buffer.from(lfn)) hash = Math.imul(hash ^ byte, 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0').toUpperCase();
  });
  const digits = words.join('');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-');
}
