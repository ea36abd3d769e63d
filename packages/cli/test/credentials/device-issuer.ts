import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An issuer that speaks the device flow (RFC 8628), refresh (RFC 6749, section 6) and revocation (RFC 7009), as little as they ask for. */
export class DeviceIssuer {
  /** How often it answers "pending" or "slow down" before the user is done. */
  readonly before: ('authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token')[] = [];
  readonly requests: { readonly path: string; readonly form: URLSearchParams }[] = [];
  /** Left out of the metadata. */
  readonly missing = new Set<string>();
  tokenLifetimeSeconds = 3600;
  deviceLifetimeSeconds = 60;
  /** What it says it is, when that is a lie. */
  claimed: string | undefined;
  /** The refresh tokens that are good: each one once. */
  readonly refreshTokens = new Set<string>();
  #issued = 0;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    this.requests.push({ path, form });
    const { status, body } = this.#answer(path, form);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #answer(path: string, form: URLSearchParams): { status: number; body: object } {
    const refuse = (error: string) => ({ status: 400, body: { error } });
    if (path === '/.well-known/openid-configuration') return { status: 200, body: this.#metadata() };
    if (form.get('client_id') !== 'dirac-s3') return { status: 401, body: { error: 'invalid_client' } };
    if (path === '/device') {
      const { deviceLifetimeSeconds: expires_in, url } = this;
      const codes = { device_code: 'secret-device-code', user_code: 'ABCD-EFGH', verification_uri: `${url}/enter` };
      return { status: 200, body: { ...codes, expires_in, interval: 0.05 } };
    }
    if (path === '/revoke') return { status: 200, body: {} };
    if (path !== '/token') return { status: 404, body: {} };
    if (form.get('grant_type') === 'refresh_token')
      return this.refreshTokens.delete(form.get('refresh_token') ?? '') ? this.#tokens() : refuse('invalid_grant');
    if (form.get('device_code') !== 'secret-device-code') return refuse('invalid_grant');
    const answer = this.before.shift();
    return answer === undefined ? this.#tokens() : refuse(answer);
  }

  #tokens(): { status: number; body: object } {
    const [access_token, refresh_token] = [`access-${++this.#issued}`, `refresh-${this.#issued}`];
    this.refreshTokens.add(refresh_token);
    return { status: 200, body: { access_token, refresh_token, token_type: 'Bearer', expires_in: this.tokenLifetimeSeconds } };
  }

  #metadata(): object {
    const { url } = this;
    const all = {
      issuer: this.claimed ?? url,
      token_endpoint: `${url}/token`,
      device_authorization_endpoint: `${url}/device`,
      revocation_endpoint: `${url}/revoke`,
    };
    return Object.fromEntries(Object.entries(all).filter(([name]) => !this.missing.has(name)));
  }
}
