import { setTimeout as delay } from 'node:timers/promises';
import { DiracS3Error, Secret, systemCodeOf } from '@dirac-s3/core';
import type { Clock } from '@dirac-s3/core/ports';
import * as oauth from 'oauth4webapi';
import type { Login } from './login-file.js';

/** What the user is asked to do in a browser. */
export interface DevicePrompt {
  readonly verificationUri: string;
  /** With the code in it, where the issuer offers that. */
  readonly completeUri: string | undefined;
  readonly userCode: string;
  readonly lifetimeSeconds: number;
}

/** An OAuth 2.0 issuer, seen by a public client. */
export interface IssuerClient {
  /** The device flow (RFC 8628): `show` is told what the user has to do, and the answer is waited for. @throws unauthenticated */
  login(scope: string, show: (prompt: DevicePrompt) => void, signal: AbortSignal): Promise<Login>;
  /** By the refresh token (RFC 6749, section 6). @throws unauthenticated: the issuer refuses it */
  refresh(login: Login): Promise<Login>;
  /** Tells the issuer to forget the tokens (RFC 7009); false where it offers no such thing. */
  revoke(login: Login): Promise<boolean>;
}

export interface IssuerClientOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clock: Clock;
}

/** RFC 8628, section 3.2: where the issuer names none. */
const defaultIntervalSeconds = 5;
const timeoutSeconds = 30;

/**
 * Discovers an issuer by `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0). Plain http is accepted to this very machine only.
 *
 * @throws unauthenticated: it is no issuer, or another than the one asked for
 */
export async function openIssuer({ issuer, clientId, clock }: IssuerClientOptions): Promise<IssuerClient> {
  const url = issuerUrl(issuer);
  const refusal = refusing(issuer);
  const asked = asking(refusal);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the library marks it so that it stands out: loopback only, see issuerUrl
  const options = () => ({ signal: AbortSignal.timeout(timeoutSeconds * 1000), [oauth.allowInsecureRequests]: url.protocol === 'http:' });
  const server = await asked('discovery', async () =>
    oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm: 'oidc', ...options() })),
  );
  const client: oauth.Client = { client_id: clientId };
  const auth = oauth.None();
  const loginOf = (answer: oauth.TokenEndpointResponse, old?: Login): Login => {
    if (answer.token_type !== 'bearer') throw refusal(`gave a token of type ${answer.token_type}, and only bearer is spoken here`);
    const { access_token: access, refresh_token: refresh, expires_in: seconds } = answer;
    return {
      issuer,
      clientId,
      accessToken: new Secret(access),
      refreshToken: refresh === undefined ? old?.refreshToken : new Secret(refresh),
      expiresAt: seconds === undefined ? undefined : new Date(clock.now().getTime() + seconds * 1000),
    };
  };

  const poll = async (deviceCode: string, { interval, endsAt }: { interval: number; endsAt: number }, signal: AbortSignal) => {
    for (let wait = interval; clock.now().getTime() < endsAt;) {
      await delay(wait * 1000, undefined, { signal });
      try {
        return loginOf(
          await oauth.processDeviceCodeResponse(
            server,
            client,
            await oauth.deviceCodeGrantRequest(server, client, auth, deviceCode, options()),
          ),
        );
      } catch (thrown) {
        const error = thrown instanceof oauth.ResponseBodyError ? thrown.error : undefined;
        if (error === 'slow_down') wait += 5;
        else if (error !== 'authorization_pending') throw faultOf(refusal, 'the login', thrown);
      }
    }
    throw new DiracS3Error('unauthenticated', 'the code was not entered in time; run dirac-s3 login again');
  };

  return {
    async login(scope, show, signal) {
      if (server.device_authorization_endpoint === undefined) throw refusal('offers no device flow (device_authorization_endpoint)');
      const started = clock.now().getTime();
      const device = await asked('the login', async () =>
        oauth.processDeviceAuthorizationResponse(
          server,
          client,
          await oauth.deviceAuthorizationRequest(server, client, auth, { scope }, options()),
        ),
      );
      show({
        verificationUri: device.verification_uri,
        completeUri: device.verification_uri_complete,
        userCode: device.user_code,
        lifetimeSeconds: device.expires_in,
      });
      const endsAt = started + device.expires_in * 1000;
      return poll(device.device_code, { interval: device.interval ?? defaultIntervalSeconds, endsAt }, signal);
    },
    refresh: async (login) => {
      const { refreshToken } = login;
      if (refreshToken === undefined) throw new DiracS3Error('unauthenticated', 'the login has ended; run: dirac-s3 login');
      return asked('the refresh of the login', async () => {
        const answer = await oauth.refreshTokenGrantRequest(server, client, auth, refreshToken.reveal(), options());
        return loginOf(await oauth.processRefreshTokenResponse(server, client, answer), login);
      });
    },
    revoke: async ({ refreshToken, accessToken }) => {
      if (server.revocation_endpoint === undefined) return false;
      for (const token of [refreshToken, accessToken]) {
        if (token === undefined) continue;
        await asked('the logout', async () =>
          oauth.processRevocationResponse(await oauth.revocationRequest(server, client, auth, token.reveal(), options())),
        );
      }
      return true;
    },
  };
}

type Refuse = (fault: string) => DiracS3Error;

function refusing(issuer: string): Refuse {
  return (fault) => new DiracS3Error('unauthenticated', `the issuer ${issuer} ${fault}`);
}

function asking(refuse: Refuse) {
  return async <Value>(what: string, ask: () => Promise<Value>): Promise<Value> => {
    try {
      return await ask();
    } catch (thrown) {
      throw faultOf(refuse, what, thrown);
    }
  };
}

/** Of the causes only the code of the system is told: they may hold answers with tokens in them. */
function faultOf(refuse: Refuse, what: string, thrown: unknown): Error {
  if (thrown instanceof DiracS3Error) return thrown;
  if (thrown instanceof oauth.ResponseBodyError) {
    const words: Readonly<Record<string, string>> = { access_denied: 'the user refused', expired_token: 'the code is out of date' };
    return refuse(`refuses ${what}: ${words[thrown.error] ?? thrown.error.slice(0, 100)}`);
  }
  // `ECONNREFUSED`, `SELF_SIGNED_CERT_IN_CHAIN`, `OAUTH_INVALID_RESPONSE`; the errors that HTTP faults are wrapped in have none.
  const codes = [thrown, causeOf(thrown)].map(systemCodeOf).filter((code) => /^[A-Z][A-Z0-9_]*$/.test(code));
  return refuse(`cannot be used for ${what}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`);
}

function causeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'cause' in thrown ? thrown.cause : undefined;
}

function issuerUrl(issuer: string): URL {
  const refused = new DiracS3Error('invalid-configuration', `the issuer ${JSON.stringify(issuer)} must be an https URL`);
  if (!URL.canParse(issuer)) throw refused;
  const url = new URL(issuer);
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
  if (!safe || url.username !== '' || url.password !== '') throw refused;
  return url;
}
