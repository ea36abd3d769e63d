import { DiracS3Error } from '@dirac-s3/core';
import { createCredentialsProvider, type DiracConfiguration } from '@dirac-s3/core/config';
import type { StorageElementRegistry, UrlSource } from '@dirac-s3/core/ports';
import { createDirectUrlSource } from '@dirac-s3/core/presign';
import { createS3StorageElement, type S3StorageElement } from '@dirac-s3/core/storage';
import { once } from './once.js';

export interface StorageParts {
  readonly configuration: DiracConfiguration;
  readonly registry: StorageElementRegistry;
  /** URLs by the gateway, for StorageElements without credentials here. */
  readonly gatewayUrls: () => UrlSource;
  readonly vo: string | undefined;
}

export interface OpenStorage {
  /** @throws unknown-storage-element */
  readonly open: (name: string) => S3StorageElement;
  close(): void;
}

/** Opens each StorageElement once: directly where its credentials are in the configuration, else through the gateway. */
export function openStorage({ configuration, registry, gatewayUrls, vo }: StorageParts): OpenStorage {
  const opened = new Map<string, S3StorageElement>();
  const direct = directUrls({ configuration, registry, vo });
  return {
    open: (name) => {
      const element = findElement(registry, name);
      const known = opened.get(element.name);
      if (known !== undefined) return known;
      const fresh = createS3StorageElement({ element, vo, urls: element.access === 'direct' ? direct : gatewayUrls() });
      opened.set(element.name, fresh);
      return fresh;
    },
    close: () => opened.forEach((element) => element.close()),
  };
}

export function findElement(registry: StorageElementRegistry, name: string): NonNullable<ReturnType<StorageElementRegistry['find']>> {
  const element = registry.find(name);
  if (element !== undefined) return element;
  throw new DiracS3Error('unknown-storage-element', `${name} is not a usable S3 StorageElement of this configuration`);
}

/** The SDK is loaded with the first signature: whoever goes through the gateway needs none of it. */
function directUrls({ configuration, registry, vo }: Pick<StorageParts, 'configuration' | 'registry' | 'vo'>): UrlSource {
  const source = once(async () => {
    const { createS3Presigner } = await import('@dirac-s3/core/adapters/s3');
    const presigner = createS3Presigner({ credentials: createCredentialsProvider(configuration) });
    return createDirectUrlSource({ registry, presigner, clock: { now: () => new Date() }, vo });
  });
  return { presign: async (request) => (await source()).presign(request) };
}
