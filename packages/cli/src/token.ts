import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { DiracS3Error, Secret } from '@dirac-s3/core';
import type { Environment } from './environment.js';

export interface TokenSources extends Pick<Environment, 'bearerToken' | 'bearerTokenFile' | 'runtimeDirectory' | 'userId'> {
  /** `--token-file`. */
  readonly tokenFile?: string | undefined;
  /** Where `bt_u<uid>` is looked for last. */
  readonly temporaryDirectory?: string;
}

/** A bearer token is this alphabet (RFC 6750, section 2.1), and no sensible one is longer. */
const tokenText = /^[A-Za-z0-9._~+/-]+=*$/;
const maxTokenBytes = 65_536;

/**
 * Finds the bearer token as WLCG Bearer Token Discovery 1.0 says: `BEARER_TOKEN`, the file `BEARER_TOKEN_FILE`,
 * `$XDG_RUNTIME_DIR/bt_u<uid>`, `/tmp/bt_u<uid>`; `--token-file` goes before all of them. A file must be a regular one of this user that
 * nobody else can read: one that is not is refused, not passed over.
 *
 * @throws unauthenticated, with the reason
 */
export async function findToken(sources: TokenSources): Promise<Secret> {
  const { tokenFile, bearerToken, bearerTokenFile, runtimeDirectory, userId, temporaryDirectory = '/tmp' } = sources;
  if (tokenFile !== undefined) return readTokenFile(tokenFile, { userId, named: true });
  const fromEnvironment = bearerToken?.trim() ?? '';
  if (fromEnvironment !== '') return checked(fromEnvironment, 'BEARER_TOKEN');
  if (bearerTokenFile !== undefined && bearerTokenFile !== '') return readTokenFile(bearerTokenFile, { userId, named: true });
  if (userId !== undefined) {
    const directories = [...(runtimeDirectory === undefined || runtimeDirectory === '' ? [] : [runtimeDirectory]), temporaryDirectory];
    for (const directory of directories) {
      const token = await readTokenFile(`${directory}/bt_u${userId}`, { userId, named: false });
      if (token !== undefined) return token;
    }
  }
  throw new DiracS3Error(
    'unauthenticated',
    `there is no token: BEARER_TOKEN and BEARER_TOKEN_FILE are not set, and there is no file bt_u${userId ?? '<uid>'}`,
  );
}

interface FileRules {
  readonly userId: number | undefined;
  /** Named by the user: must exist, and may be a symbolic link. A file that is merely found may not (`/tmp` is everybody's). */
  readonly named: boolean;
}

function readTokenFile(path: string, rules: FileRules & { named: true }): Promise<Secret>;
function readTokenFile(path: string, rules: FileRules): Promise<Secret | undefined>;
async function readTokenFile(path: string, { userId, named }: FileRules): Promise<Secret | undefined> {
  const refuse = (fault: string, cause?: unknown): DiracS3Error =>
    new DiracS3Error('unauthenticated', `the token file ${path} ${fault}`, { cause });
  // Without O_NONBLOCK, opening a pipe somebody left there would wait for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (named ? 0 : constants.O_NOFOLLOW);
  const file = await open(path, flags).catch((error: unknown) => {
    const { code = 'unknown fault' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !named) return undefined;
    throw refuse(code === 'ELOOP' ? 'is a symbolic link' : `cannot be read (${code})`, error);
  });
  if (file === undefined) return undefined;
  try {
    // Asked of the open file, so that nobody can exchange it in between.
    const facts = await file.stat();
    if (!facts.isFile()) throw refuse('is not a regular file');
    if (userId !== undefined && facts.uid !== userId) throw refuse(`belongs to another user (uid ${facts.uid})`);
    if (userId !== undefined && (facts.mode & 0o077) !== 0) throw refuse(`can be read by others; run: chmod 600 ${path}`);
    if (facts.size > maxTokenBytes) throw refuse('is too large to be a token');
    return checked((await file.readFile('utf8')).trim(), path);
  } finally {
    await file.close();
  }
}

function checked(text: string, source: string): Secret {
  if (tokenText.test(text)) return new Secret(text);
  throw new DiracS3Error('unauthenticated', `${source} holds no token${text === '' ? ': it is empty' : ''}`);
}
