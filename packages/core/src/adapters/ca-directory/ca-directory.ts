import type { Clock, Logger } from '../../ports/index.js';
import { createTrustStore, type TrustStore } from '../../x509/index.js';

export interface CaDirectoryOptions {
  /** The directory, usually `/etc/grid-security/certificates`. */
  readonly path: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The directory is looked at again when the last look is at least this many seconds old. Default 60. */
  readonly checkIntervalSeconds?: number;
}

export interface CaDirectory {
  /** The trust store of the directory as it is, or the last good one. */
  current(): Promise<TrustStore>;
  /** PEM of every usable authority, root and intermediate alike, for the `ca` option of TLS clients. */
  authoritiesPem(): Promise<string>;
}

export function createCaDirectory(_options: CaDirectoryOptions): CaDirectory {
  return { current: () => Promise.resolve(createTrustStore({ authorities: [], revocations: [] })), authoritiesPem: () => Promise.resolve('') };
}
