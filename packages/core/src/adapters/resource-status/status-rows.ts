import { isDiracArray, type DiracValue } from '../../dirac-protocol/index.js';
import type { StatusKind } from '../../domain/index.js';
import { DiracS3Error } from '../../errors/index.js';

type MutableStates = Partial<Record<StatusKind, string>>;

type States = Readonly<MutableStates>;

/** What the service says of one StorageElement. */
export interface ElementStates {
  /** For every VO that has no row of its own. */
  readonly all: States;
  readonly voStatus: ReadonlyMap<string, States>;
}

const kinds: ReadonlyMap<string, StatusKind> = new Map([
  ['ReadAccess', 'Read'],
  ['WriteAccess', 'Write'],
  ['RemoveAccess', 'Remove'],
  ['CheckAccess', 'Check'],
]);

/** Columns of a row, in the order they are asked for and read. */
export const statusColumns = ['Name', 'ElementType', 'StatusType', 'Status', 'VO'] as const;

/**
 * Reads the rows of `select` from the table `ResourceStatus`. Rows about other resources are passed over; one that is no row refuses the whole
 * answer, since it might have been a ban.
 *
 * @throws service-unavailable
 */
export function readStatusRows(answer: DiracValue): ReadonlyMap<string, ElementStates> {
  const found = new Map<string, { all: MutableStates; voStatus: Map<string, MutableStates> }>();
  if (!isDiracArray(answer)) throw noRows();
  for (const row of answer) {
    const [name, elementType, statusType, status, vo] = readRow(row);
    const kind = kinds.get(statusType);
    if (elementType !== 'StorageElement' || kind === undefined) continue;
    const states = found.get(name) ?? { all: {}, voStatus: new Map<string, MutableStates>() };
    found.set(name, states);
    if (vo === 'all') states.all[kind] = status;
    else states.voStatus.set(vo, { ...states.voStatus.get(vo), [kind]: status });
  }
  return found;
}

function readRow(row: DiracValue): readonly [string, string, string, string, string] {
  const [name, elementType, statusType, status, vo] = isDiracArray(row) ? row : [];
  const texts = [name, elementType, statusType, status, vo];
  if (!texts.every((text) => typeof text === 'string')) throw noRows();
  return texts as [string, string, string, string, string];
}

function noRows(): DiracS3Error {
  return new DiracS3Error('service-unavailable', 'the answer of ResourceStatus/ResourceStatus does not consist of rows of states');
}
