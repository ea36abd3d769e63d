import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createClientContext, trustedWith, type TlsSettings } from './tls.js';

/** Where connections come from. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

export interface Trust {
  /** PEM file of an authority to trust beside the public ones. */
  readonly caFile?: string | undefined;
  /** Certificate to show and authorities to trust, instead of the public ones and of `caFile`. */
  readonly tls?: TlsSettings | undefined;
}

/** Connections to one host; more requests wait for one of them. */
const maxSockets = 32;

/** `kept`: connections that are used again; `fresh`: one for each request. */
export function createAgents({ caFile, tls }: Trust): { readonly kept: Agents; readonly fresh: Agents } {
  const trust = {
    ...(caFile === undefined ? {} : { ca: trustedWith(caFile) }),
    // A resumed session shows the server the last certificate of a chain only, or is refused by it.
    ...(tls && { secureContext: createClientContext(tls), maxCachedSessions: 0 }),
  };
  const agents = (keepAlive: boolean): Agents => ({
    http: new HttpAgent({ keepAlive, maxSockets }),
    https: new HttpsAgent({ keepAlive, maxSockets, ...trust }),
  });
  return { kept: agents(true), fresh: agents(false) };
}
