import { generateKeyPairSync, type KeyObject } from 'node:crypto';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const made = new Map<string, KeyPair>();

/** One key pair per name, made when it is first asked for: `rsa2048:alice`, `rsa1024:…`, `ed25519:…`, or a curve, `P-256:…`. */
export function keyOf(name: string): KeyPair {
  const key = made.get(name) ?? makeKey(name.split(':')[0]!);
  made.set(name, key);
  return key;
}

function makeKey(kind: string): KeyPair {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  if (kind === 'ed448') return generateKeyPairSync('ed448');
  if (kind === 'dsa') return generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 });
  if (kind === 'rsa3') return generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
  if (kind.startsWith('rsa')) return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(3)) });
  return generateKeyPairSync('ec', { namedCurve: kind });
}
