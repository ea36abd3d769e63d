import { DiracS3Error } from '../errors/index.js';
import { negotiate, transferPair } from './negotiate.js';
import type { ElementProtocols } from './types.js';

/** What the matrix is made of; the settings of data management have all of it. */
export interface MatrixFacts {
  readonly elements: ReadonlyMap<string, ElementProtocols>;
  /** What a StorageElement derives from. */
  readonly baseOf: ReadonlyMap<string, string>;
  /** Empty: no protocol may be used between two stores. */
  readonly thirdPartyProtocols: readonly string[];
  /** By source and destination: a StorageElement between them, or `disabled`. */
  readonly multiHops: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Which StorageElements the matrix is about; without a word all, those of one base as one. */
export interface MatrixWish {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly exclude?: readonly string[];
  /** The same StorageElements as sources and as targets. */
  readonly square?: boolean;
  /** Each StorageElement of a base by itself. */
  readonly full?: boolean;
}

/** The ways from one StorageElement to another. */
export interface Route {
  readonly source: string;
  readonly target: string;
  /** Protocols tried when the user's own program has one store copy from the other, in order. */
  readonly thirdParty: readonly string[];
  /** Protocols of the two URLs a transfer service is given: of the source, of the target. */
  readonly service: readonly [string, string] | undefined;
  /** StorageElement between the two. */
  readonly hop: string | undefined;
}

export interface ProtocolMatrix {
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  /** Every target of the first source, then of the next. */
  readonly routes: readonly Route[];
}

/**
 * Who can send to whom, and how (`dirac-dms-protocol-matrix`).
 *
 * @throws unknown-storage-element
 */
export function protocolMatrix(facts: MatrixFacts, wish: MatrixWish): ProtocolMatrix {
  const shown = representatives(facts, wish);
  const { sources, targets } = sidesOf([...shown.keys()], wish);
  const elementOf = (name: string): ElementProtocols => {
    const element = facts.elements.get(shown.get(name) ?? name);
    if (element !== undefined) return element;
    throw new DiracS3Error('unknown-storage-element', `${name} is neither a StorageElement nor a base of one`);
  };
  const routes = sources.flatMap((source) => targets.map((target) => routeOf(facts, { source, target, elementOf })));
  return { sources, targets, routes };
}

/** A StorageElement for each name of the matrix: the first of each base, and those without a base. */
function representatives({ elements, baseOf }: MatrixFacts, { exclude = [], full = false }: MatrixWish): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  for (const name of elements.keys()) {
    if (exclude.includes(name)) continue;
    const title = full ? name : (baseOf.get(name) ?? name);
    if (!shown.has(title)) shown.set(title, name);
  }
  return shown;
}

function sidesOf(all: readonly string[], { from = [], to = [], square = false }: MatrixWish): Pick<ProtocolMatrix, 'sources' | 'targets'> {
  const named = [...from, ...to];
  const side = (own: readonly string[]): readonly string[] =>
    [...new Set(square && named.length > 0 ? named : own.length > 0 ? own : all)].sort();
  return { sources: side(from), targets: side(to) };
}

function routeOf(
  facts: MatrixFacts,
  {
    source,
    target,
    elementOf,
  }: { readonly source: string; readonly target: string; readonly elementOf: (name: string) => ElementProtocols },
): Route {
  const [from, to] = [elementOf(source), elementOf(target)];
  const { thirdPartyProtocols: list } = facts;
  // Without a list everything two plug-ins have in common would count.
  const pair = list.length === 0 ? undefined : transferPair(to, from, list);
  return {
    source,
    target,
    thirdParty: list.length === 0 ? [] : negotiate(to, from, list),
    service: pair && [pair.source.protocol, pair.destination.protocol],
    hop: hopBetween(facts, from.name, to.name),
  };
}

const otherwise = 'Default';

/** In DIRAC's order: the destination itself, its base, any; for the source itself, for its base, for any (`DefaultFTS3Plugin`). */
function hopBetween({ baseOf, multiHops }: MatrixFacts, from: string, to: string): string | undefined {
  const [sources, targets] = [from, to].map((name) => [name, baseOf.get(name), otherwise]) as [
    (string | undefined)[],
    (string | undefined)[],
  ];
  for (const source of sources) {
    for (const target of targets) {
      const hop = source === undefined || target === undefined ? undefined : multiHops.get(source)?.get(target);
      if (hop !== undefined && hop !== '') return hop === 'disabled' ? undefined : hop;
    }
  }
  return undefined;
}
