import type { BulkResult, Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { rankIn, selectPlugins, type ElementProtocols, type OperationClass } from '../protocols/index.js';
import type { StorageElementClient, StoredObject } from './types.js';

export interface ByProtocolOptions {
  /** Sections and lists of the StorageElement. */
  readonly protocols: ElementProtocols;
  /** What this program can open of it, by protocol. */
  readonly clients: ReadonlyMap<string, StorageElementClient>;
  /** Whether it belongs to the site of this process. */
  readonly local: boolean;
  /** Protocols under which replicas may be registered, best first. */
  readonly registrationProtocols: readonly string[];
}

type Operation = Exclude<OperationClass, 'describe' | 'stage'>;

const listNames: Readonly<Record<Operation, 'AccessProtocols' | 'WriteProtocols'>> = {
  read: 'AccessProtocols',
  check: 'AccessProtocols',
  write: 'WriteProtocols',
  remove: 'WriteProtocols',
};

/**
 * A StorageElement as DIRAC sees it: each operation goes to the section its lists, its site and its order choose (`StorageElement.py`), and an
 * operation for which that is none of this program's protocols is refused (`unsupported-protocol`), by the names of what there is. What nobody
 * decided is not refused, though: a list that is not set permits what this program has, and so does a section without `Access`.
 */
export function createStorageElementByProtocol(given: ByProtocolOptions): StorageElementClient {
  const options = { ...given, protocols: withoutDefaults(given) };
  const pick = (operation: Operation): StorageElementClient => clientFor(options, operation);
  const named = registeredAs(options);
  const asRegistered = ({ successful, failed }: BulkResult<StoredObject, Lfn>): BulkResult<StoredObject, Lfn> => ({
    failed,
    successful: new Map([...successful].map(([lfn, object]) => [lfn, { ...object, pfn: named.storageUrl(lfn) }])),
  });
  return {
    name: named.name,
    protocol: named.protocol,
    access: named.access,
    requireOpen: (kind) => pick(operationOf[kind]).requireOpen(kind),
    exists: async (lfns) => pick('check').exists(lfns),
    isFile: async (lfns) => pick('check').isFile(lfns),
    getMetadata: async (lfns) => pick('check').getMetadata(lfns),
    put: async (uploads, transfer) => asRegistered(await pick('write').put(uploads, transfer)),
    copyFrom: async (from, copies, transfer) => {
      const writer = pick('write');
      if (writer.copyFrom !== undefined) return asRegistered(await writer.copyFrom(from, copies, transfer));
      throw new DiracS3Error('unsupported-operation', `${named.name} is written to by ${writer.protocol}, which has no copies of its own`);
    },
    get: async (downloads, transfer) => pick('read').get(downloads, transfer),
    open: async (lfn, how) => pick('read').open(lfn, how),
    remove: async (lfns) => pick('remove').remove(lfns),
    accessUrl: async (lfns, how) => pick('read').accessUrl(lfns, how),
    storageUrl: (lfn) => named.storageUrl(lfn),
    close: () => options.clients.forEach((client) => client.close()),
  };
}

function withoutDefaults({ protocols, clients }: ByProtocolOptions): ElementProtocols {
  const { plugins, lists, unset = [] } = protocols;
  const own = [...clients.keys()];
  return {
    ...protocols,
    plugins: plugins.map((plugin) => (plugin.access === 'unclassified' ? { ...plugin, access: 'remote' } : plugin)),
    lists: { ...lists, ...Object.fromEntries(unset.map((list) => [list, own])) },
  };
}

const operationOf = { Read: 'read', Check: 'check', Write: 'write', Remove: 'remove' } as const;

function clientFor({ protocols, clients, local }: ByProtocolOptions, operation: Operation): StorageElementClient {
  for (const { protocol } of selectPlugins(protocols, operation, { local })) {
    const client = clients.get(protocol);
    if (client !== undefined) return client;
  }
  const list = protocols.lists[listNames[operation] === 'AccessProtocols' ? 'access' : 'write'];
  const sections = protocols.plugins.map(({ section, protocol, access }) => `${section} (${protocol}, ${access})`).join(', ');
  throw new DiracS3Error(
    'unsupported-protocol',
    `${protocols.name} has no protocol to ${operation} with: its ${listNames[operation]} are ${list.join(', ') || 'none'}, its sections ${sections}; ` +
      `this program has ${[...clients.keys()].join(' and ')} there, and is ${local ? '' : 'not '}at its site`,
  );
}

/** The one whose storage URLs are registered. Whether they may be is for others to ask. */
function registeredAs({ clients, registrationProtocols }: ByProtocolOptions): StorageElementClient {
  const [best] = [...clients].toSorted(([one], [other]) => rankIn(registrationProtocols, one) - rankIn(registrationProtocols, other));
  if (best === undefined) throw new DiracS3Error('internal', 'a StorageElement without a client');
  return best[1];
}
