import { rankIn, selectPlugins } from './select-plugins.js';
import type { ElementProtocols, StoragePlugin } from './types.js';

/** The plug-ins that would move a file, and the protocol of the URL between them. */
export interface TransferPair {
  readonly protocol: string;
  readonly source: StoragePlugin;
  readonly destination: StoragePlugin;
}

/**
 * Protocols a destination takes and a source gives (`StorageElement.negociateProtocolWithOtherSE`); with a list of preference, those of it in
 * its order. Whether either may be used at all is another question.
 */
export function negotiate(
  destination: Pick<ElementProtocols, 'plugins'>,
  source: Pick<ElementProtocols, 'plugins'>,
  preference?: readonly string[],
): readonly string[] {
  const given = new Set(source.plugins.flatMap(({ outputProtocols }) => outputProtocols));
  const common = new Set(destination.plugins.flatMap(({ inputProtocols }) => inputProtocols).filter((protocol) => given.has(protocol)));
  return preference === undefined || preference.length === 0 ? [...common] : preference.filter((protocol) => common.has(protocol));
}

/**
 * How DIRAC's interactive replication copies by third party (`DataManager.__replicate`): for the first protocol both agree on, the plug-in
 * that makes the source's URL and the one that takes it.
 */
export function copyPair(
  destination: ElementProtocols,
  source: ElementProtocols,
  { preference, local }: { readonly preference: readonly string[]; readonly local?: boolean },
): TransferPair | undefined {
  for (const protocol of negotiate(destination, source, preference)) {
    const [reader] = selectPlugins(source, 'describe', { protocols: [protocol] });
    const [writer] = selectPlugins(destination, 'write', { inputProtocol: protocol, ...(local === undefined ? {} : { local }) });
    if (reader !== undefined && writer !== undefined) return { protocol, source: reader, destination: writer };
  }
  return undefined;
}

/**
 * The pair of native URLs for a transfer service (`generateTransferURLsBetweenSEs`): for the first common protocol, a source plug-in of the
 * access list that gives it and a destination plug-in of the write list that takes it.
 */
export function transferPair(
  destination: ElementProtocols,
  source: ElementProtocols,
  preference: readonly string[],
): TransferPair | undefined {
  const common = negotiate(destination, source, preference);
  const ranked = (plugins: readonly StoragePlugin[]): readonly StoragePlugin[] =>
    plugins.toSorted((one, other) => rankIn(common, one.protocol) - rankIn(common, other.protocol));
  for (const protocol of common) {
    const from = ranked(source.plugins).find(
      (plugin) => source.lists.access.includes(plugin.protocol) && plugin.outputProtocols.includes(protocol),
    );
    const to = ranked(destination.plugins).find(
      (plugin) => destination.lists.write.includes(plugin.protocol) && plugin.inputProtocols.includes(protocol),
    );
    if (from !== undefined && to !== undefined) return { protocol, source: from, destination: to };
  }
  return undefined;
}

/** Two names of the same storage: they share a host with a path (`StorageElement.isSameSE`). */
export function isSameStorage(one: Pick<ElementProtocols, 'plugins'>, other: Pick<ElementProtocols, 'plugins'>): boolean {
  return one.plugins.some(({ place }) =>
    other.plugins.some((plugin) => place !== undefined && place.host === plugin.place?.host && place.path === plugin.place.path),
  );
}
