import { isDeepStrictEqual } from 'node:util';
import { DiracS3Error, type Secret } from '@dirac-s3/core';
import type { Clock } from '@dirac-s3/core/ports';
import type { TokenCredential } from './find-credential.js';
import { loginFile, readLogin, writeLogin, type Login, type LoginPlace } from './login-file.js';

/** A token that ends so soon may end on its way. */
const marginSeconds = 30;

/** The token of `dirac-s3 login`, refreshed when it is over; undefined when nobody is logged in. */
export async function findLogin(parts: { readonly environment: LoginPlace; readonly clock: Clock }): Promise<TokenCredential | undefined> {
  const first = await readLogin(parts.environment);
  if (first === undefined) return undefined;
  let held = first;
  let refreshing: Promise<Login> | undefined;
  const token = async (): Promise<Secret> => {
    if (isOver(held, parts.clock)) held = await (refreshing ??= refreshed(held, parts).finally(() => (refreshing = undefined)));
    return held.accessToken;
  };
  return { kind: 'token', from: `dirac-s3 login at ${first.issuer} (${loginFile(parts.environment)})`, token };
}

async function refreshed(
  login: Login,
  { environment, clock }: { readonly environment: LoginPlace; readonly clock: Clock },
): Promise<Login> {
  if (login.refreshToken === undefined) throw new DiracS3Error('unauthenticated', 'the login is over; run: dirac-s3 login');
  const { openIssuer } = await import('./issuer-client.js');
  try {
    const fresh = await (await openIssuer({ ...login, clock })).refresh(login);
    await writeLogin(environment, fresh);
    return fresh;
  } catch (thrown) {
    // Another process may have used the refresh token up first: then its answer is in the file.
    const now = await readLogin(environment);
    if (now !== undefined && !isDeepStrictEqual(now.expiresAt, login.expiresAt) && !isOver(now, clock)) return now;
    throw thrown;
  }
}

function isOver({ expiresAt }: Login, clock: Clock): boolean {
  return expiresAt !== undefined && expiresAt.getTime() - clock.now().getTime() < marginSeconds * 1000;
}
