import { bucketFor, DiracS3Error } from '@dirac-s3/core';
import type { ProbeSettings } from '@dirac-s3/core/config';
import type { Clock, StorageElementRegistry, UrlSource } from '@dirac-s3/core/ports';
import type { ObjectHead, ObjectHeads } from '@dirac-s3/core/storage';
import { openGrant, sealGrant, type ProbeGrant } from './grant.js';

/** Links for `head_object` of DIRAC clients, and what stands behind them (ADR-012). */
export interface Probe {
  /** A link for what was permitted; `until` is the end of what the store would have been asked to sign. */
  linkFor(permitted: Omit<ProbeGrant, 'expiresAt'>, until: Date): string;
  /**
   * What was permitted to whoever has this link, given its path.
   *
   * @throws permission-denied for anything that is no link of ours, or is past its end
   */
  open(path: string): ProbeGrant;
  /**
   * What the store says of the object; undefined when it says that there is none.
   *
   * @throws permission-denied when the StorageElement is not what it was; storage-unavailable, storage-refused, timeout
   */
  head(grant: ProbeGrant): Promise<ObjectHead | undefined>;
}

export interface ProbeDependencies {
  readonly settings: ProbeSettings;
  readonly registry: StorageElementRegistry;
  readonly heads: ObjectHeads;
  /** Signs with the keys of this process, for a user of that VO. */
  readonly urlsFor: (vo: string) => UrlSource;
  readonly clock: Clock;
}

export function createProbe({ settings, registry, heads, urlsFor, clock }: ProbeDependencies): Probe {
  const { publicUrl, keys, lifetimeSeconds } = settings;
  const prefix = `${new URL(publicUrl).pathname.replace(/\/$/, '')}/`;
  return {
    linkFor(permitted, until) {
      const end = clock.now().getTime() + lifetimeSeconds * 1000;
      return `${publicUrl}/${sealGrant({ ...permitted, expiresAt: new Date(Math.min(end, until.getTime())) }, keys)}`;
    },
    open: (path) => openGrant(path.startsWith(prefix) ? path.slice(prefix.length) : '', keys, clock.now()),
    async head(grant) {
      const element = registry.find(grant.storageElement);
      if (element === undefined || bucketFor(element, grant.vo) !== grant.bucket) {
        throw new DiracS3Error('permission-denied', 'the StorageElement of the link is not what it was');
      }
      return heads.of(element, grant.lfn, urlsFor(grant.vo));
    },
  };
}
