import type { ElementProtocols, OperationClass, ProtocolLists, StoragePlugin } from './types.js';

export interface Selection {
  /** Whether the StorageElement belongs to the site of this process; an unknown site is no site. */
  readonly local?: boolean;
  /** Protocols the caller accepts, in any order. */
  readonly protocols?: readonly string[];
  /** Writing: the protocol of the URL the bytes come from. */
  readonly inputProtocol?: string;
}

const listOf: Readonly<Record<Exclude<OperationClass, 'describe'>, keyof ProtocolLists>> = {
  read: 'access',
  check: 'access',
  stage: 'stage',
  write: 'write',
  remove: 'write',
};

/**
 * The plug-ins to try for an operation, best first (`StorageElement.__filterPlugins`). Where URLs are made only what a plug-in can output
 * counts; every other operation goes by the list of its class, by locality and by what the plug-in takes. The order is that of the list,
 * then local before remote; the order of the caller's protocols means nothing.
 */
export function selectPlugins(
  { plugins, lists }: ElementProtocols,
  operation: OperationClass,
  { local = false, protocols = [], inputProtocol }: Selection = {},
): readonly StoragePlugin[] {
  if (operation === 'describe') {
    const able = protocols.length === 0 ? plugins : plugins.filter(({ outputProtocols }) => meet(outputProtocols, protocols));
    return byPreference(able, lists.access);
  }
  const list = lists[listOf[operation]];
  const allowed = protocols.length === 0 ? list : list.filter((protocol) => protocols.includes(protocol));
  const able = plugins.filter(
    ({ access, protocol, inputProtocols }) =>
      (access === 'remote' || local) &&
      allowed.includes(protocol) &&
      (operation !== 'write' || inputProtocol === undefined || inputProtocols.includes(inputProtocol)),
  );
  return byPreference(able, list);
}

function byPreference(plugins: readonly StoragePlugin[], list: readonly string[]): readonly StoragePlugin[] {
  const rank = ({ protocol, access }: StoragePlugin): number => rankIn(list, protocol) * 2 + (access === 'remote' ? 1 : 0);
  return plugins.toSorted((one, other) => rank(one) - rank(other));
}

/** Place in a list of preference; what is not in it comes last. */
export function rankIn(list: readonly string[], protocol: string): number {
  const place = list.indexOf(protocol);
  return place < 0 ? list.length : place;
}

function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some((name) => others.includes(name));
}
