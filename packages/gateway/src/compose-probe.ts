import type { GatewaySettings } from '@dirac-s3/core/config';
import type { Clock, Presigner, StorageElementRegistry } from '@dirac-s3/core/ports';
import { createDirectUrlSource } from '@dirac-s3/core/presign';
import { createObjectHeads } from '@dirac-s3/core/storage';
import { createProbe, type Probe } from './probe/index.js';

export interface ComposedProbe {
  /** Undefined where `head_object` is answered with URLs of the store. */
  readonly probe: Probe | undefined;
  close(): void;
}

/** What stands behind the links for `head_object`: the catalog has permitted what they ask, so stores are asked with our own keys. */
export function composeProbe(
  settings: GatewaySettings['probe'],
  { registry, presigner, clock }: { readonly registry: StorageElementRegistry; readonly presigner: Presigner; readonly clock: Clock },
): ComposedProbe {
  if (typeof settings !== 'object') return { probe: undefined, close: () => undefined };
  const heads = createObjectHeads();
  const urlsFor = (vo: string) => createDirectUrlSource({ registry, presigner, clock, vo });
  return { probe: createProbe({ settings, registry, heads, urlsFor, clock }), close: () => heads.close() };
}
