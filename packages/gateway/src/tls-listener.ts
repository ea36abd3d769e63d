import { constants } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { ServerOptions as HttpsOptions, Server as HttpsServer } from 'node:https';
import type { SecureContextOptions, TLSSocket } from 'node:tls';
import { DiracS3Error } from '@dirac-s3/core';
import type { GatewaySettings } from '@dirac-s3/core/config';

type TlsFiles = NonNullable<GatewaySettings['tls']>;

/**
 * What every connection is held to. No tickets and no renegotiation: a resumed session shows only the first certificate of the client,
 * and a renegotiated one could show another's, on a connection whose caller is known already.
 */
function contextOptions(files: TlsFiles): SecureContextOptions {
  return {
    cert: pem('certificate', files.certFile),
    key: pem('key', files.keyFile),
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/**
 * TLS of the listener. Clients are asked for certificates, and whatever they send is let through: OpenSSL knows no grid proxies here, and
 * says the same of a good one and a forged one, so that core's own judgement alone counts (`authorizationError` is never looked at). There
 * is no `ca`: an empty list of authorities makes every client send what it has.
 */
export function tlsOptions(files: TlsFiles, asked: { readonly clientCertificates: boolean; readonly handshakeMs: number }): HttpsOptions {
  return {
    ...contextOptions(files),
    handshakeTimeout: asked.handshakeMs,
    ...(asked.clientCertificates && { requestCert: true, rejectUnauthorized: false }),
  };
}

/** Ends a resumed session before a request of it is read; without tickets and cache there should be none. */
export function refuseResumedSessions(server: HttpsServer): void {
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (socket.isSessionReused()) socket.destroy();
  });
}

/**
 * Looks at the files of the host certificate every so often and serves new connections with what it finds, when both are there and belong
 * together; until then with what it had. `report` hears of a change (no fault) and of a fault, each once. Returns how to stop.
 */
export function followHostCertificate(
  server: HttpsServer,
  files: TlsFiles,
  options: { readonly everySeconds: number; readonly report: (fault: string | undefined) => void },
): () => void {
  let seen = stampOf(files);
  const look = (): void => {
    const stamp = stampOf(files);
    if (stamp === seen) return;
    seen = stamp;
    try {
      server.setSecureContext(contextOptions(files));
      options.report(undefined);
    } catch (fault) {
      options.report(messageOf(fault));
    }
  };
  const timer = setInterval(look, options.everySeconds * 1000).unref();
  return () => clearInterval(timer);
}

function stampOf({ certFile, keyFile }: TlsFiles): string {
  const one = (file: string): string => {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? 'absent' : `${found.ino} ${found.size} ${found.mtimeMs}`;
  };
  return `${one(certFile)}, ${one(keyFile)}`;
}

function pem(name: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new DiracS3Error('invalid-configuration', `the ${name} file "${file}" cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
