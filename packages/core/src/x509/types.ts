import type { Secret } from '../domain/index.js';

/** What a trusted chain proves. The identity is the user's (or host's) own certificate; proxies below it only speak for it. */
export interface ChainProof {
  /** Subject of the user or host certificate as OpenSSL 3 writes it on one line: `/DC=org/DC=grid/CN=Alice`. The identity. */
  readonly dn: string;
  /** Every spelling under which a Registry may list it (OpenSSL 1.1 wrote `/`, `+` and multi-valued RDNs differently); the first is `dn`. */
  readonly dnSpellings: readonly string[];
  /** Subject of the first certificate as sent, in the spelling of OpenSSL 3. */
  readonly subject: string;
  /** Issuer of the first certificate as sent, in the spelling of OpenSSL 3. */
  readonly issuer: string;
  /** True when at least one proxy certificate was sent. */
  readonly isProxy: boolean;
  /** True when any proxy of the chain is limited: what is delegated below cannot be more than what it came from. */
  readonly isLimited: boolean;
  /** DIRAC group (extension 1.2.42.42) of the proxy nearest to the user certificate, so that a later delegation cannot change it. */
  readonly group: string | undefined;
  /** Earliest end of validity of every certificate the verdict rests on, the authorities included. */
  readonly notAfter: Date;
}

/** Trusted with its proof, or refused with a reason that names the certificate, the field and the fault. */
export type ChainVerdict = { readonly trusted: true; readonly proof: ChainProof } | { readonly trusted: false; readonly reason: string };

/**
 * How certificate revocation lists count. `if-present`: an authority without a list is believed; one with a list needs a good one
 * (its signature, its dates), and what is listed is refused. `required`: no list, no trust. `ignore`: as DIRAC itself, none is looked at.
 */
export type RevocationPolicy = 'if-present' | 'required' | 'ignore';

/** An entry of the trust store that counts for nothing, and why. */
export interface UnusableEntry {
  readonly kind: 'authority' | 'revocation';
  /** Its place in the list it was given in. */
  readonly index: number;
  readonly reason: string;
}

/** Authorities and revocation lists, parsed once. Made by `createTrustStore`; its contents serve `judgeChain` alone. */
export interface TrustStore {
  /** Usable authorities: self-signed anchors and intermediates. */
  readonly authorityCount: number;
  /** Revocation lists that could be read; whether one is signed and in time is judged with the chain. */
  readonly revocationCount: number;
  readonly unusable: readonly UnusableEntry[];
}

export interface TrustMaterial {
  /** DER of every authority: self-signed ones become anchors, others are material for paths only. */
  readonly authorities: readonly Uint8Array[];
  /** DER of every certificate revocation list. */
  readonly revocations: readonly Uint8Array[];
  /** DER of authorities whose revocation list is there but cannot be read: under `if-present` they vouch for nobody. */
  readonly unreadableRevocationsOf?: readonly Uint8Array[];
}

export interface JudgeOptions {
  readonly trust: TrustStore;
  readonly now: Date;
  /** Default `if-present`. */
  readonly revocation?: RevocationPolicy;
  /** Smallest RSA modulus, in bits, of any key in the chain: 1024 or more, default 2048. */
  readonly minRsaBits?: number;
}

/** The contents of a proxy file (`X509_USER_PROXY`), or of a certificate and its key. */
export interface ProxyFile {
  /** DER of the certificates, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** The same certificates as PEM, as TLS wants them. */
  readonly certificatesPem: string;
  /** PEM of the leaf's private key. */
  readonly keyPem: Secret;
  /** Earliest end of validity of the certificates in the file. Nothing else about them is judged here. */
  readonly notAfter: Date;
}
