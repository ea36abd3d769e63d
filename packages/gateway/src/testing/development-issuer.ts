import { writeFile } from 'node:fs/promises';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

/** An issuer of tokens for demonstrations and tests: it gives everybody the token asked for. */
export interface DevelopmentIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** A token for that user and group, valid for `lifetimeSeconds` (default one hour). */
  mint(user: { readonly username: string; readonly group: string; readonly lifetimeSeconds?: number }): Promise<string>;
  /** A token of exactly these claims, signed with the issuer's key. */
  sign(claims: JWTPayload): Promise<string>;
}

export interface DevelopmentIssuerOptions {
  /** Where the public key goes (a JWK set). */
  readonly jwksFile: string;
  /** Value of `iss`. Default `https://issuer.dirac.invalid`. */
  readonly issuer?: string;
  /** Value of `aud`. Default `dirac-s3-gateway`. */
  readonly audience?: string;
  /** Value of `kid`. Default `development-key`. */
  readonly keyId?: string;
}

/** Makes an ES256 key pair and writes its public half; the private half never leaves the process. */
export async function createDevelopmentIssuer(options: DevelopmentIssuerOptions): Promise<DevelopmentIssuer> {
  const { issuer = 'https://issuer.dirac.invalid', audience = 'dirac-s3-gateway', keyId: kid = 'development-key' } = options;
  const algorithm = 'ES256';
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const key = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' };
  await writeFile(options.jwksFile, `${JSON.stringify({ keys: [key] }, undefined, 2)}\n`);
  const sign = (claims: JWTPayload): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(privateKey);
  return {
    issuer,
    audience,
    sign,
    mint: ({ username, group, lifetimeSeconds = 3600 }) => {
      const now = Math.floor(Date.now() / 1000);
      // Claim names of DiracX's access tokens.
      const claims = { preferred_username: username, dirac_group: group };
      return sign({ iss: issuer, aud: audience, sub: username, iat: now, exp: now + lifetimeSeconds, ...claims });
    },
  };
}
