import type { ProtocolLists } from './types.js';

/** Lists as they are written; an empty one counts as not set. */
export type WrittenLists = Readonly<Partial<Record<keyof ProtocolLists, readonly string[] | undefined>>>;

/**
 * The lists that count for a StorageElement (`StorageElement.__init__`): its own, else those of Operations; for staging its own, its own
 * access list, that of Operations, and at last the access list. Third-party and registration lists have none of their own.
 */
export function effectiveLists(own: WrittenLists, operations: WrittenLists): ProtocolLists {
  const access = firstSet(own.access, operations.access);
  return {
    access,
    write: firstSet(own.write, operations.write),
    stage: firstSet(own.stage, own.access, operations.stage, access),
  };
}

function firstSet(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  return lists.find((list) => list !== undefined && list.length > 0) ?? [];
}

/** Sets that are constants of DIRAC's plug-ins (`Resources/Storage/*Storage.py`). */
const constants: Readonly<Record<string, { readonly input?: readonly string[]; readonly output?: readonly string[] }>> = {
  S3: { output: ['file', 's3', 'http', 'https'] },
  GFAL2_HTTPS: { input: ['file', 'http', 'https', 'dav', 'davs'], output: ['http', 'https', 'dav', 'davs'] },
  GFAL2_XROOT: { input: ['file', 'root', 'xroot'], output: ['root'] },
  GFAL2_GSIFTP: { input: ['file', 'gsiftp'], output: ['gsiftp'] },
  DIP: { input: ['file', 'dip', 'dips'], output: ['dip', 'dips'] },
};

/** What a plug-in takes and gives (`StorageBase`): the option, else the constant of its class, else its own protocol and local files. */
export function pluginSets(
  { plugin, protocol }: { readonly plugin: string; readonly protocol: string },
  written: { readonly input?: readonly string[]; readonly output?: readonly string[] } = {},
): { readonly inputProtocols: readonly string[]; readonly outputProtocols: readonly string[] } {
  const known = Object.hasOwn(constants, plugin) ? constants[plugin] : undefined;
  return {
    inputProtocols: unique(written.input ?? known?.input ?? [protocol, 'file']),
    outputProtocols: unique(written.output ?? known?.output ?? [protocol]),
  };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
