import type { CredentialsProvider, StorageElementRegistry } from '../ports/index.js';
import type { DiracConfiguration } from './types.js';

/** The configured StorageElements; an alias finds the one it stands for, which is listed once. */
export function createStorageElementRegistry(config: Pick<DiracConfiguration, 'storageElements'>): StorageElementRegistry {
  const all = [...new Map([...config.storageElements.values()].map((element) => [element.name, element])).values()];
  return { find: (name) => config.storageElements.get(name), all: () => all };
}

/** The configured keys, from memory. */
export function createCredentialsProvider(config: Pick<DiracConfiguration, 'credentials'>): CredentialsProvider {
  return {
    credentialsOf: (storageElement, use) => {
      const keys = config.credentials.get(storageElement);
      return use === 'main' ? keys?.main : keys?.writeOnly;
    },
  };
}
