import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiracS3Error, Secret } from '@dirac-s3/core';
import { readPrivateFile } from '@dirac-s3/core/config';
import type { Environment } from '../environment.js';

/** What an issuer gave for a login. */
export interface Login {
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: Secret;
  readonly refreshToken: Secret | undefined;
  /** Undefined: the issuer did not say. */
  readonly expiresAt: Date | undefined;
}

export type LoginPlace = Pick<Environment, 'home' | 'stateDirectory' | 'userId'>;

/** `$XDG_STATE_HOME/dirac-s3/login.json`, by default below `~/.local/state` (XDG Base Directory Specification). */
export function loginFile({ home, stateDirectory }: LoginPlace): string {
  const base = stateDirectory?.startsWith('/') === true ? stateDirectory : join(home, '.local', 'state');
  return join(base, 'dirac-s3', 'login.json');
}

/** @throws unauthenticated: others can read it, it belongs to somebody else, or it is not what was written */
export async function readLogin(place: LoginPlace): Promise<Login | undefined> {
  const path = loginFile(place);
  const text = await readPrivateFile(path, { what: 'the login', owner: place.userId, closed: 0o077, named: false });
  if (text === undefined) return undefined;
  const login = parseLogin(text);
  if (login !== undefined) return login;
  throw new DiracS3Error('unauthenticated', `the login ${path} is damaged; run: dirac-s3 logout`);
}

/** Replaces the file as a whole, so that nobody reads a half. */
export async function writeLogin(place: LoginPlace, { accessToken, refreshToken, expiresAt, ...rest }: Login): Promise<string> {
  const path = loginFile(place);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const written = { ...rest, accessToken: accessToken.reveal(), refreshToken: refreshToken?.reveal(), expiresAt: expiresAt?.toISOString() };
  const fresh = `${path}.${randomUUID()}`;
  try {
    await writeFile(fresh, `${JSON.stringify(written)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(fresh, path);
  } catch (thrown) {
    await rm(fresh, { force: true });
    throw thrown;
  }
  return path;
}

export async function removeLogin(place: LoginPlace): Promise<void> {
  await rm(loginFile(place), { force: true });
}

function parseLogin(text: string): Login | undefined {
  try {
    const { issuer, clientId, accessToken, refreshToken, expiresAt } = JSON.parse(text) as Record<string, unknown>;
    if (typeof issuer !== 'string' || typeof clientId !== 'string' || typeof accessToken !== 'string') return undefined;
    const ends = typeof expiresAt === 'string' ? new Date(expiresAt) : undefined;
    if (ends !== undefined && Number.isNaN(ends.getTime())) return undefined;
    const refresh = typeof refreshToken === 'string' ? new Secret(refreshToken) : undefined;
    return { issuer, clientId, accessToken: new Secret(accessToken), refreshToken: refresh, expiresAt: ends };
  } catch {
    return undefined;
  }
}
