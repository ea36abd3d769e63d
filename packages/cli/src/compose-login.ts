import { DiracS3Error } from '@dirac-s3/core';
import type { DiracConfiguration } from '@dirac-s3/core/config';
import type { Clock } from '@dirac-s3/core/ports';
import type { DevicePrompt } from './credentials/issuer-client.js';
import { readLogin, removeLogin, writeLogin, type Login, type LoginPlace } from './credentials/login-file.js';
import { UsageError } from './exit-codes.js';

export interface LoginRequest {
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  readonly scope: string | undefined;
}

export interface LoginPrompting {
  readonly show: (prompt: DevicePrompt) => void;
  readonly signal: AbortSignal;
}

export type LoginOutcome = Pick<Login, 'issuer' | 'expiresAt'> & { readonly file: string };

export interface LoginKeeper {
  /** @throws UsageError (no issuer or client is named), unauthenticated */
  login(request: LoginRequest, prompting: LoginPrompting): Promise<LoginOutcome>;
  /** `forgotten`: the issuer offers no revocation, or did not answer. */
  logout(): Promise<'revoked' | 'forgotten' | 'nobody'>;
}

/** Logs in and out. The issuer is the one the user names, else the only one of the configuration. */
export function createLoginKeeper(
  { idProviders }: Pick<DiracConfiguration, 'idProviders'>,
  { environment, clock }: { readonly environment: LoginPlace; readonly clock: Clock },
): LoginKeeper {
  return {
    async login(request, { show, signal }) {
      const { openIssuer } = await import('./credentials/issuer-client.js');
      const { issuer, clientId, scope } = chosen(request);
      const login = await (await openIssuer({ issuer, clientId, clock })).login(scope, show, signal);
      const file = await writeLogin(environment, login);
      return { issuer, expiresAt: login.expiresAt, file };
    },
    async logout() {
      let login: Login | undefined;
      try {
        login = await readLogin(environment);
      } finally {
        // Whatever is in it: nobody wants it any more.
        await removeLogin(environment);
      }
      if (login === undefined) return 'nobody';
      const { openIssuer } = await import('./credentials/issuer-client.js');
      try {
        return (await (await openIssuer({ ...login, clock })).revoke(login)) ? 'revoked' : 'forgotten';
      } catch (thrown) {
        if (thrown instanceof DiracS3Error) return 'forgotten';
        throw thrown;
      }
    },
  };

  function chosen({ issuer, clientId, scope }: LoginRequest): { issuer: string; clientId: string; scope: string } {
    const known = [...idProviders.values()].filter((provider) => issuer === undefined || provider.issuer === issuer);
    const [only, another] = known;
    if (issuer === undefined && another !== undefined)
      throw new UsageError(`--issuer must be one of: ${known.map((provider) => provider.issuer).join(', ')}`);
    const which = { issuer: issuer ?? only?.issuer, clientId: clientId ?? only?.clientId };
    if (which.issuer === undefined) throw new UsageError('--issuer is needed: /Resources/IdProviders names none');
    if (which.clientId === undefined) throw new UsageError(`--client-id is needed: /Resources/IdProviders names none for ${which.issuer}`);
    return { issuer: which.issuer, clientId: which.clientId, scope: scope ?? only?.scope ?? 'openid offline_access' };
  }
}
