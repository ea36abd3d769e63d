import { DiracS3Error } from '@dirac-s3/core';
import type { ClientCertificateSettings } from '@dirac-s3/core/config';
import type { Clock } from '@dirac-s3/core/ports';
import { judgeChain, type ChainProof, type ChainVerdict, type TrustStore } from '@dirac-s3/core/x509';
import { refusal } from './authenticator.js';

/** What the certificates of a connection prove, or a refusal. */
export type CertificateJudge = (certificates: readonly Uint8Array[]) => Promise<ChainProof>;

export interface CertificateJudgeDependencies {
  readonly settings: Pick<ClientCertificateSettings, 'revocation' | 'minRsaBits'>;
  /** The authorities as they are now; another object when they changed. */
  readonly trust: () => Promise<TrustStore>;
  readonly clock: Clock;
}

interface Judged {
  readonly verdict: ChainVerdict;
  readonly trust: TrustStore;
  readonly at: Date;
}

/** Revocation lists run out between two requests of one connection without any change of the directory. */
const longestMilliseconds = 60_000;

/**
 * Judges a chain once for the requests of one connection, and again when the authorities changed, a minute has gone, or any certificate
 * has run out: a kept connection outlives a proxy, and must not go on serving it. The verdict is held by the list itself, which is the
 * socket's (`certificatesOf`), so it is gone with the connection, and with this judge when the configuration changes.
 */
export function createCertificateJudge({ settings, trust, clock }: CertificateJudgeDependencies): CertificateJudge {
  const held = new WeakMap<readonly Uint8Array[], Judged>();
  return async (certificates) => {
    const store = await authorities(trust);
    const now = clock.now();
    const before = held.get(certificates);
    const judged = before !== undefined && stillHolds(before, store, now) ? before : judge(certificates, store, now);
    if (judged !== before) held.set(certificates, judged);
    if (!judged.verdict.trusted) throw refusal(`the certificate is not accepted: ${judged.verdict.reason}`, judged.verdict.reason);
    return judged.verdict.proof;
  };

  function judge(certificates: readonly Uint8Array[], store: TrustStore, now: Date): Judged {
    return { verdict: judgeChain(certificates, { trust: store, now, ...settings }), trust: store, at: now };
  }
}

function stillHolds({ verdict, trust, at }: Judged, store: TrustStore, now: Date): boolean {
  const age = now.getTime() - at.getTime();
  return trust === store && age >= 0 && age < longestMilliseconds && !(verdict.trusted && verdict.proof.notAfter < now);
}

async function authorities(trust: () => Promise<TrustStore>): Promise<TrustStore> {
  try {
    return await trust();
  } catch (cause) {
    throw new DiracS3Error('gateway-unavailable', 'certificates cannot be judged at the moment', { cause });
  }
}
