import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Secret } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { systemCodeOf } from './connection-fault.js';

/** What a client shows of itself: a host certificate, or a grid proxy followed by the certificates it was made from. */
export interface ClientCertificate {
  /** PEM blocks, the certificate of the key first. */
  readonly certChainPem: string;
  readonly keyPem: Secret;
}

export interface TlsSettings {
  /** PEM of the authorities to trust, roots and intermediate ones (a DIRAC server sends its own certificate only). */
  readonly caPem: readonly string[];
  readonly certificate?: ClientCertificate | undefined;
}

/** @throws invalid-configuration when OpenSSL does not take the certificate, the key or an authority */
export function createClientContext({ caPem, certificate }: TlsSettings): SecureContext {
  try {
    return createSecureContext({
      ca: [...caPem],
      minVersion: 'TLSv1.2',
      ...(certificate && { cert: certificate.certChainPem, key: certificate.keyPem.reveal() }),
    });
  } catch (cause) {
    throw new DiracS3Error(
      'invalid-configuration',
      `the client certificate, its key or the certificate authorities cannot be used (${systemCodeOf(cause)})`,
    );
  }
}

/** The public authorities and those of a PEM file. @throws invalid-configuration */
export function trustedWith(file: string): string[] {
  try {
    return [...rootCertificates, readFileSync(file, 'utf8')];
  } catch (cause) {
    throw new DiracS3Error('invalid-configuration', `the file of certificate authorities ${file} cannot be read (${systemCodeOf(cause)})`, {
      cause,
    });
  }
}
