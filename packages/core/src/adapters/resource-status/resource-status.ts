import type { DiracService } from '../../dirac-protocol/index.js';
import type { StatusKind, StorageElement } from '../../domain/index.js';
import { failureOf } from '../../errors/index.js';
import type { Clock, StorageElementRegistry } from '../../ports/index.js';
import { readStatusRows, statusColumns, type ElementStates } from './status-rows.js';

export interface ResourceStatusOptions {
  /** `ResourceStatus/ResourceStatus`. */
  readonly service: Pick<DiracService, 'call'>;
  readonly clock: Clock;
  /** How long an answer counts as new. Default 300, as in DIRAC. */
  readonly cacheSeconds?: number | undefined;
  /** An answer that is older counts no more: everything is closed. Default three times `cacheSeconds`. */
  readonly staleSeconds?: number | undefined;
  /** Calls back after so many seconds, unless cancelled by what it returns. */
  readonly schedule?: ((act: () => void, seconds: number) => () => void) | undefined;
}

/** For health. */
export interface ResourceStatusState {
  /** `unknown`: there is no answer, or only one that is too old, and every StorageElement is closed. */
  readonly status: 'current' | 'unknown';
  readonly fetchedAt: Date | undefined;
  readonly lastFailure: { readonly at: Date; readonly reason: string } | undefined;
}

export interface ResourceStatus {
  /** The same StorageElements, with their states as the service knows them instead of those of the configuration. */
  over(registry: StorageElementRegistry): StorageElementRegistry;
  /** Asks at once; true when the service answered. Never throws: see {@link ResourceStatusState.lastFailure}. */
  refresh(): Promise<boolean>;
  state(): ResourceStatusState;
  /** Asks no more. The service is the caller's to close. */
  close(): void;
}

/** Retried sooner than a new answer is due. */
const retrySeconds = 30;

/**
 * Keeps the states of all StorageElements (`ResourceStatusSystem/Client/ResourceStatus.py`, DIRAC v9), fetched in one call and again every
 * `cacheSeconds`. Unlike DIRAC's own client it asks for the rows of every VO, so that a state for one VO counts for it.
 *
 * Fails closed: a StorageElement or a state without a row, and everything while there is no answer that is young enough, is `Unknown`.
 */
export function createResourceStatus(options: ResourceStatusOptions): ResourceStatus {
  const { service, clock, cacheSeconds = 300, staleSeconds = 3 * cacheSeconds, schedule = afterSeconds } = options;
  let answer: { readonly at: Date; readonly elements: ReadonlyMap<string, ElementStates> } | undefined;
  let lastFailure: ResourceStatusState['lastFailure'];
  let running: Promise<boolean> | undefined;
  let cancel: (() => void) | undefined;
  let closed = false;

  const current = (): ReadonlyMap<string, ElementStates> | undefined =>
    answer !== undefined && clock.now().getTime() - answer.at.getTime() <= staleSeconds * 1000 ? answer.elements : undefined;

  const ask = async (): Promise<boolean> => {
    try {
      const rows = await service.call('select', ['ResourceStatus', { Meta: { columns: statusColumns } }], { repeatable: true });
      answer = { at: clock.now(), elements: readStatusRows(rows) };
      lastFailure = undefined;
    } catch (thrown) {
      lastFailure = { at: clock.now(), reason: failureOf(thrown).message };
    }
    return lastFailure === undefined;
  };

  const refresh = (): Promise<boolean> => {
    running ??= ask().finally(() => {
      running = undefined;
      cancel?.();
      if (!closed) cancel = schedule(() => void refresh(), lastFailure === undefined ? cacheSeconds : Math.min(retrySeconds, cacheSeconds));
    });
    return running;
  };

  return {
    refresh,
    over: (registry) => ({
      find: (name) => {
        const element = registry.find(name);
        return element === undefined ? undefined : withStates(element, current());
      },
      all: () => registry.all().map((element) => withStates(element, current())),
    }),
    state: () => ({ status: current() === undefined ? 'unknown' : 'current', fetchedAt: answer?.at, lastFailure }),
    close: () => {
      closed = true;
      cancel?.();
    },
  };
}

function withStates(element: StorageElement, known: ReadonlyMap<string, ElementStates> | undefined): StorageElement {
  const states = known?.get(element.name);
  const { Read = unknown, Write = unknown, Remove = unknown, Check = unknown } = states?.all ?? {};
  const status: Readonly<Record<StatusKind, string>> = { Read, Write, Remove, Check };
  if (states !== undefined) return { ...element, status, voStatus: states.voStatus };
  const fault =
    known === undefined ? 'the ResourceStatus service does not answer' : `the ResourceStatus service does not know ${element.name}`;
  return { ...element, status, statusFault: fault };
}

const unknown = 'Unknown';

function afterSeconds(act: () => void, seconds: number): () => void {
  // Alone it keeps no process alive.
  const timer = setTimeout(act, seconds * 1000).unref();
  return () => clearTimeout(timer);
}
