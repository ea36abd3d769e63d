import type { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';

/** More certificates than any grid client sends; what follows is not looked at, and too long a chain is refused later. */
const most = 20;

/**
 * Read once per connection: the handshake is the only time a client sends certificates (renegotiation is off). The same list for every
 * request of a connection, since the verdict about it is held by it.
 */
const held = new WeakMap<Socket, readonly Uint8Array[]>();

/**
 * The certificates a client sent, in its order. `issuerCertificate` is just the next one of the list as sent, neither verified nor even
 * matching: nothing is to be trusted here.
 */
export function certificatesOf(socket: Socket): readonly Uint8Array[] {
  if (!(socket instanceof TLSSocket)) return [];
  const known = held.get(socket);
  if (known !== undefined) return known;
  const chain: Uint8Array[] = [];
  let at: X509Certificate | undefined = socket.getPeerX509Certificate();
  for (; at !== undefined && chain.length < most; at = at.issuerCertificate) chain.push(at.raw);
  held.set(socket, Object.freeze(chain));
  return chain;
}
