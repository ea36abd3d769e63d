import { DiracS3Error, Secret } from '@dirac-s3/core';
import { readPrivateFile } from '@dirac-s3/core/config';
import type { Environment } from '../environment.js';

export interface TokenSources extends Pick<Environment, 'bearerToken' | 'bearerTokenFile' | 'runtimeDirectory' | 'userId'> {
  /** `--token-file`. */
  readonly tokenFile?: string | undefined;
  /** Where `bt_u<uid>` is looked for last. */
  readonly temporaryDirectory?: string;
}

export interface FoundToken {
  readonly token: Secret;
  /** What named it: an option, a variable, or the file it was found in. */
  readonly from: string;
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
  const found = (await namedToken(sources)) ?? (await environmentToken(sources)) ?? (await lyingToken(sources));
  if (found !== undefined) return found.token;
  throw new DiracS3Error(
    'unauthenticated',
    `there is no token: BEARER_TOKEN and BEARER_TOKEN_FILE are not set, and there is no file bt_u${sources.userId ?? '<uid>'}`,
  );
}

/** That of `--token-file`. */
export async function namedToken({ tokenFile, userId }: TokenSources): Promise<FoundToken | undefined> {
  return tokenFile === undefined ? undefined : { token: await readNamed(tokenFile, userId), from: `--token-file ${tokenFile}` };
}

/** That of `BEARER_TOKEN` or `BEARER_TOKEN_FILE`. */
export async function environmentToken({ bearerToken, bearerTokenFile, userId }: TokenSources): Promise<FoundToken | undefined> {
  const text = bearerToken?.trim() ?? '';
  if (text !== '') return { token: checked(text, 'BEARER_TOKEN'), from: 'BEARER_TOKEN' };
  if (bearerTokenFile === undefined || bearerTokenFile === '') return undefined;
  return { token: await readNamed(bearerTokenFile, userId), from: `BEARER_TOKEN_FILE ${bearerTokenFile}` };
}

/** That in `bt_u<uid>`, where another program left it. */
export async function lyingToken(sources: TokenSources): Promise<FoundToken | undefined> {
  const { runtimeDirectory, userId, temporaryDirectory = '/tmp' } = sources;
  if (userId === undefined) return undefined;
  const directories = [...(runtimeDirectory === undefined || runtimeDirectory === '' ? [] : [runtimeDirectory]), temporaryDirectory];
  for (const directory of directories) {
    const path = `${directory}/bt_u${userId}`;
    const token = await readTokenFile(path, { userId, named: false });
    if (token !== undefined) return { token, from: path };
  }
  return undefined;
}

async function readNamed(path: string, userId: number | undefined): Promise<Secret> {
  const token = await readTokenFile(path, { userId, named: true });
  if (token !== undefined) return token;
  throw new DiracS3Error('unauthenticated', `the token file ${path} cannot be read (ENOENT)`);
}

interface FileRules {
  readonly userId: number | undefined;
  /** Named by the user, it may be a symbolic link. A file that is merely found may not (`/tmp` is everybody's). */
  readonly named: boolean;
}

async function readTokenFile(path: string, { userId, named }: FileRules): Promise<Secret | undefined> {
  const text = await readPrivateFile(path, { what: 'the token file', owner: userId, closed: 0o077, named, maxBytes: maxTokenBytes });
  return text === undefined ? undefined : checked(text.trim(), path);
}

function checked(text: string, source: string): Secret {
  if (tokenText.test(text)) return new Secret(text);
  throw new DiracS3Error('unauthenticated', `${source} holds no token${text === '' ? ': it is empty' : ''}`);
}
