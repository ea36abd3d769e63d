import { createHttpClient, type HttpClient } from '../../http/index.js';

/** Connections to the stores of StorageElements, for requests of this process. */
export interface StoreConnections {
  /** @param caFile PEM of the authority of the store, where it is none of the public ones */
  trusting(caFile: string | undefined): HttpClient;
  /** Closes idle connections. */
  close(): void;
}

/** One pool for each authority that is trusted. A store that is silent for 20 seconds is given up. */
export function createStoreConnections(): StoreConnections {
  const clients = new Map<string | undefined, HttpClient>();
  return {
    trusting: (caFile) => {
      const known = clients.get(caFile);
      if (known !== undefined) return known;
      const client = createHttpClient({ unavailable: 'storage-unavailable', caFile, idleTimeoutSeconds: 20 });
      clients.set(caFile, client);
      return client;
    },
    close: () => clients.forEach((client) => client.close()),
  };
}
