import { DiracS3Error } from '@dirac-s3/core';
import { createCredentialsProvider, type DiracConfiguration } from '@dirac-s3/core/config';
import type { StorageElementRegistry, UrlSource } from '@dirac-s3/core/ports';
import { createDirectUrlSource } from '@dirac-s3/core/presign';
import { createFileStorageElement, createS3StorageElement, type StorageElementClient } from '@dirac-s3/core/storage';
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
  readonly open: (name: string) => StorageElementClient;
  close(): void;
}

/** Opens each StorageElement once: directly where its credentials are in the configuration, else through the gateway. */
export function openStorage({ configuration, registry, gatewayUrls, vo }: StorageParts): OpenStorage {
  const opened = new Map<string, StorageElementClient>();
  const direct = directUrls({ configuration, registry, vo });
  return {
    open: (name) => {
      const element = registry.find(name);
      const file = configuration.fileStorageElements.get(name);
      const known = opened.get(element?.name ?? file?.name ?? name);
      if (known !== undefined) return known;
      const fresh =
        element !== undefined
          ? createS3StorageElement({ element, vo, urls: element.access === 'direct' ? direct : gatewayUrls() })
          : createFileStorageElement({ element: file ?? refuseForeign(configuration, name), vo });
      opened.set(fresh.name, fresh);
      return fresh;
    },
    close: () => opened.forEach((element) => element.close()),
  };
}

/** Of a StorageElement that is configured, but not for this program, the protocols are named. */
function refuseForeign({ dataManagement }: DiracConfiguration, name: string): never {
  const protocols = dataManagement.elements.get(name)?.plugins.map(({ protocol }) => protocol) ?? [];
  const foreign = [...new Set(protocols)].filter((protocol) => protocol !== '' && protocol !== 's3' && protocol !== 'file');
  if (foreign.length === 0)
    throw new DiracS3Error('unknown-storage-element', `${name} is not a usable StorageElement of this configuration`);
  throw new DiracS3Error('unsupported-protocol', `${name} has the protocols ${foreign.join(', ')}; this program has s3 and file`);
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
