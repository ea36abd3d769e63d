import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { DiracS3Error } from '../../errors/index.js';

export interface PrivateFileRules {
  /** What it is, for messages: "the proxy", "the key". */
  readonly what: string;
  /** Who must own it; undefined where it does not matter or the platform has no owners. */
  readonly owner?: number | undefined;
  /** Permission bits nobody may have: `0o077` group and others. */
  readonly closed: number;
  /** Named by somebody, it may be a symbolic link; merely found in a directory of everybody's, not. */
  readonly named: boolean;
  /** Default 1 MiB: far more than a chain of certificates. */
  readonly maxBytes?: number;
}

/**
 * Reads a file that holds a key; undefined when there is none. One that others could read or put there is refused, not passed over.
 *
 * @throws unauthenticated, with the reason
 */
export async function readPrivateFile(path: string, rules: PrivateFileRules): Promise<string | undefined> {
  const { what, owner, closed, named, maxBytes = 1024 * 1024 } = rules;
  const refuse = (fault: string): DiracS3Error => new DiracS3Error('unauthenticated', `${what} ${path} ${fault}`);
  // Without O_NONBLOCK, opening a pipe somebody left there would wait for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (named ? 0 : constants.O_NOFOLLOW);
  const file = await open(path, flags).catch((error: unknown) => {
    const { code = 'unknown fault' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw refuse(code === 'ELOOP' ? 'is a symbolic link' : `cannot be read (${code})`);
  });
  if (file === undefined) return undefined;
  try {
    // Asked of the open file, so that nobody can exchange it in between.
    const facts = await file.stat();
    const { mode, size, uid } = facts;
    if (!facts.isFile()) throw refuse('is not a regular file');
    if (owner !== undefined && uid !== owner) throw refuse(`belongs to another user (uid ${uid})`);
    if (process.platform !== 'win32' && (mode & closed) !== 0) throw refuse(`can be read or changed by others; run: chmod 600 ${path}`);
    if (size > maxBytes) throw refuse(`is larger than ${maxBytes} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
