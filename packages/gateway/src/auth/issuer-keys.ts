import { readFile, stat } from 'node:fs/promises';
import { DiracS3Error } from '@dirac-s3/core';
import type { IssuerSettings } from '@dirac-s3/core/config';
import { createLocalJWKSet, createRemoteJWKSet, errors, importJWK, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** The public keys of one issuer. */
export interface IssuerKeys {
  /** Finds the key a token was signed with; a token's fault is jose's error, keys out of reach are `gateway-unavailable`. */
  readonly find: JWTVerifyGetKey;
  /** Proves at start that a local file holds public keys (a URL is asked when it is needed: its server may start later). */
  check(): Promise<void>;
}

export function createIssuerKeys(issuer: IssuerSettings): IssuerKeys {
  return 'file' in issuer.jwks ? keysFromFile(issuer.name, issuer.jwks.file) : keysFromUrl(issuer.name, issuer.jwks.url);
}

/** Faults of the token itself; every other fault of a key set is the key set's. */
const tokenFaults = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

function guarded(issuerName: string, find: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (fault) {
      if (tokenFaults.some((kind) => fault instanceof kind)) throw fault;
      throw new DiracS3Error('gateway-unavailable', `the keys of issuer "${issuerName}" cannot be had at the moment`, { cause: fault });
    }
  };
}

/** Fetched when first needed, then cached for ten minutes; an unknown key id asks again, at most every thirty seconds. */
function keysFromUrl(issuerName: string, url: string): IssuerKeys {
  return {
    find: guarded(issuerName, createRemoteJWKSet(new URL(url), { timeoutDuration: 5_000 })),
    check: () => Promise.resolve(),
  };
}

/** Read again whenever the file changed, so that keys roll without a restart. While it is broken nothing is accepted. */
function keysFromFile(issuerName: string, file: string): IssuerKeys {
  let held: { readonly version: string; readonly find: JWTVerifyGetKey } | undefined;
  const current = async (): Promise<JWTVerifyGetKey> => {
    const { mtimeMs, ino, size } = await stat(file);
    const version = `${mtimeMs} ${ino} ${size}`;
    if (held?.version !== version) held = { version, find: createLocalJWKSet(await readKeySet(file)) };
    return held.find;
  };
  return {
    find: guarded(issuerName, async (header, token) => (await current())(header, token)),
    check: async () => {
      try {
        const { keys } = await readKeySet(file);
        if (keys.length === 0) throw new Error('it holds no key');
        for (const key of keys) await importPublicKey(key);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new DiracS3Error('invalid-configuration', `issuer "${issuerName}": the key file "${file}" cannot be used: ${reason}`, {
          cause,
        });
      }
    },
  };
}

async function readKeySet(file: string): Promise<JSONWebKeySet> {
  const set: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) throw new Error('it is not a JWK set');
  return set as JSONWebKeySet;
}

async function importPublicKey(key: JSONWebKeySet['keys'][number]): Promise<void> {
  if ('d' in key || key.kty === 'oct') throw new Error('it holds a private or shared key; only public keys belong there');
  await importJWK(key, key.alg ?? defaultAlgorithm(key.kty));
}

/** Which algorithm is irrelevant to the check: the key must be readable. */
function defaultAlgorithm(kty: string | undefined): string {
  return kty === 'RSA' ? 'RS256' : kty === 'OKP' ? 'EdDSA' : 'ES256';
}
