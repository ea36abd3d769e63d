import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { Secret } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { readCertificate } from './certificate.js';
import { Malformed } from './der.js';
import { readPem, encodePem, type PemBlock } from './pem.js';
import type { ProxyFile } from './types.js';

const keyLabels = new Set(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']);
const maxFileChars = 1024 * 1024;

/**
 * Reads a proxy file (`X509_USER_PROXY`: leaf, its key, the certificates above it) or any PEM of a certificate, its unencrypted key and
 * more certificates. Nothing is judged but that the key is the leaf's: whether the chain is good is for `judgeChain`, and for the server.
 * Throws `invalid-argument` with the fault; nothing of the key gets into it.
 */
export function parseProxyFile(pem: string): ProxyFile {
  try {
    if (pem.length > maxFileChars) throw new Malformed(`it is larger than ${maxFileChars} characters`);
    return readFile(readPem(pem));
  } catch (error) {
    if (error instanceof Malformed) throw new DiracS3Error('invalid-argument', `proxy file: ${error.message}`);
    throw error;
  }
}

function readFile(blocks: readonly PemBlock[]): ProxyFile {
  const chain = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => der);
  // OpenSSL puts the name of the curve, which the key repeats, in front of a key on a curve.
  const keys = blocks.filter(({ label }) => label !== 'CERTIFICATE' && label !== 'EC PARAMETERS');
  const stranger = keys.find(({ label }) => !keyLabels.has(label));
  if (stranger) throw new Malformed(`it holds a block ${stranger.label}`);
  const [key] = keys;
  if (!key || keys.length > 1) throw new Malformed(`it holds ${keys.length} private keys instead of one`);
  const certificates = chain.map((der, at) => readCertificate(der, `certificate ${at + 1}`));
  const [leaf] = certificates;
  if (!leaf) throw new Malformed('it holds no certificate');
  const keyPem = encodePem(key.label, key.der);
  if (!publicHalf(keyPem).equals(leaf.publicKey.object)) throw new Malformed('the private key is not that of the first certificate');
  return {
    chain,
    certificatesPem: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    keyPem: new Secret(keyPem),
    notAfter: new Date(Math.min(...certificates.map(({ notAfter }) => notAfter.getTime()))),
  };
}

function publicHalf(keyPem: string): KeyObject {
  try {
    return createPublicKey(createPrivateKey(keyPem));
  } catch {
    // The cause is left behind on purpose: OpenSSL's errors may say what they read.
    throw new Malformed('the private key cannot be read');
  }
}
