import { DiracS3Error, failureOf } from '../../errors/index.js';
import type { Clock } from '../../ports/index.js';
import type { CfgOutcome } from '../cfg/parse.js';
import { CfgOption, type CfgSection } from '../cfg/tree.js';
import { mergeLayers } from '../layers/load-configuration.js';
import { formatRemark } from '../remark.js';
import { resolveConfigurationService } from '../resolve/security.js';
import type { ConfigOutcome, ConfigRemark, DiracConfiguration } from '../types.js';

/** The tree a Configuration server handed out. */
export interface CentralConfiguration {
  readonly tree: CfgSection;
  /** `/DIRAC/Configuration/Version`: a moment as text; compared as text, as DIRAC does. */
  readonly version: string;
  /** URL of the server that gave it. */
  readonly server: string;
  readonly warnings: readonly ConfigRemark[];
}

/** Asks Configuration servers. */
export interface CentralSource {
  /**
   * The central configuration when it is newer than `known`, else undefined.
   *
   * @throws DiracS3Error when no server answered, with every reason
   */
  fetch(servers: readonly string[], known: CentralConfiguration | undefined): Promise<CentralConfiguration | undefined>;
  close(): void;
}

export interface WatchOptions {
  /** Reads the local layers; called for every refresh, so that what is edited there counts too. */
  readonly loadLocal: () => Promise<CfgOutcome>;
  /** Opens the way to the servers; called when there are any, and again after a failure. */
  readonly openCentral: (local: CfgSection) => Promise<CentralSource>;
  readonly resolve: (tree: CfgSection) => ConfigOutcome<DiracConfiguration>;
  /** May the process start with the local layers alone, when no server answers? */
  readonly isUsable: (configuration: DiracConfiguration) => boolean;
  readonly clock: Clock;
  /** Told of every refresh that ended. */
  readonly onRefresh?: ((outcome: RefreshOutcome, state: ConfigurationState) => void) | undefined;
  /** Calls back after so many seconds, unless cancelled by what it returns. */
  readonly schedule?: ((act: () => void, seconds: number) => () => void) | undefined;
}

/** A configuration that was found valid. */
export interface WatchedConfiguration {
  readonly configuration: DiracConfiguration;
  /** The merged tree, for what the typed configuration does not have. */
  readonly tree: CfgSection;
  readonly warnings: readonly ConfigRemark[];
}

/** For health and logs. Holds no value of the configuration. */
export interface ConfigurationState {
  /** `local`: no server is configured; `current`: the last question was answered; `stale`: it was not, and an older answer goes on; `missing`: none ever was. */
  readonly central: 'local' | 'current' | 'stale' | 'missing';
  readonly version: string | undefined;
  readonly server: string | undefined;
  /** Last time a server answered, with news or without. */
  readonly fetchedAt: Date | undefined;
  /** Why the last refresh failed or was refused; undefined after one that succeeded. */
  readonly lastFailure: { readonly at: Date; readonly reason: string } | undefined;
}

export type RefreshOutcome = 'changed' | 'unchanged' | 'unreachable' | 'refused';

/** Takes a new configuration over. What it throws refuses the change. */
export type ConfigurationListener = (changed: WatchedConfiguration) => Promise<void> | void;

export interface ConfigurationWatch {
  current(): WatchedConfiguration;
  state(): ConfigurationState;
  /** Gives back what ends it. When one listener throws, those that were told already are told the old one again. */
  onChange(listener: ConfigurationListener): () => void;
  /** Asks at once; while a refresh is running, its outcome. Never throws: see {@link ConfigurationState.lastFailure}. */
  refresh(): Promise<RefreshOutcome>;
  close(): void;
}

/**
 * Reads the configuration, local layers above the central one, and follows both: every `/DIRAC/Configuration/RefreshTime` seconds. A
 * configuration with errors, or one a listener cannot use, is refused, and the last good one goes on.
 *
 * @throws invalid-configuration; what the servers' failure was called, when none answered and the local layers are not usable alone
 */
export async function watchConfiguration(options: WatchOptions): Promise<ConfigurationWatch> {
  const watcher = new Watcher(options);
  try {
    await watcher.start();
  } catch (thrown) {
    watcher.close();
    throw thrown;
  }
  return watcher;
}

class Watcher implements ConfigurationWatch {
  readonly #options: WatchOptions;
  readonly #listeners = new Set<ConfigurationListener>();
  #source: CentralSource | undefined;
  #central: CentralConfiguration | undefined;
  #current!: WatchedConfiguration;
  #text = '';
  #fetchedAt: Date | undefined;
  #answered = true;
  #hasServers = false;
  #lastFailure: ConfigurationState['lastFailure'];
  #running: Promise<RefreshOutcome> | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const local = await this.#loadLocal();
    const { central, fault } = await this.#fetch(local.tree);
    const found = this.#merge(local, central);
    if (fault !== undefined && !this.#options.isUsable(found.configuration)) throw fault as Error;
    this.#lastFailure = this.#failure(fault);
    this.#central = central;
    this.#current = fault === undefined ? found : { ...found, warnings: [...found.warnings, unanswered(local.tree, fault)] };
    this.#text = textOf(found.tree);
    this.#next();
  }

  current(): WatchedConfiguration {
    return this.#current;
  }

  state(): ConfigurationState {
    const held = this.#central === undefined ? 'missing' : this.#answered ? 'current' : 'stale';
    const central = this.#hasServers ? held : 'local';
    const { version, server } = this.#central ?? { version: undefined, server: undefined };
    return { central, version, server, fetchedAt: this.#fetchedAt, lastFailure: this.#lastFailure };
  }

  onChange(listener: ConfigurationListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  refresh(): Promise<RefreshOutcome> {
    this.#running ??= this.#refresh().then((outcome) => {
      this.#running = undefined;
      this.#next();
      this.#options.onRefresh?.(outcome, this.state());
      return outcome;
    });
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#source?.close();
  }

  async #refresh(): Promise<RefreshOutcome> {
    try {
      const local = await this.#loadLocal();
      // With every server down the local layers are followed all the same, above the last answer.
      const { central, fault } = await this.#fetch(local.tree);
      const changed = await this.#adopt(this.#merge(local, central));
      this.#central = central;
      this.#lastFailure = this.#failure(fault);
      if (fault !== undefined) return 'unreachable';
      return changed ? 'changed' : 'unchanged';
    } catch (thrown) {
      this.#lastFailure = this.#failure(thrown);
      return 'refused';
    }
  }

  /** The central configuration as it is now, or as it was last with the reason why; undefined without servers. */
  async #fetch(local: CfgSection): Promise<{ readonly central: CentralConfiguration | undefined; readonly fault?: unknown }> {
    const known = this.#central;
    // Those of the local layers first, then those the central configuration knows (`ConfigurationData.sync`).
    const trees = [local, ...(known === undefined ? [] : [known.tree])];
    const servers = [...new Set(trees.flatMap((tree) => resolveConfigurationService(tree).settings.servers))];
    this.#hasServers = servers.length > 0;
    if (!this.#hasServers) return { central: known };
    try {
      this.#source ??= await this.#options.openCentral(local);
      const fetched = await this.#source.fetch(servers, known);
      this.#fetchedAt = this.#options.clock.now();
      this.#answered = true;
      return { central: fetched ?? known };
    } catch (fault) {
      this.#answered = false;
      // Certificates may have been renewed: they are read again for the next attempt.
      this.#source?.close();
      this.#source = undefined;
      return { central: known, fault };
    }
  }

  async #loadLocal(): Promise<CfgOutcome> {
    const local = await this.#options.loadLocal();
    if (local.errors.length > 0) throw invalid(local.errors);
    return local;
  }

  #merge(local: CfgOutcome, central: CentralConfiguration | undefined): WatchedConfiguration {
    const layers = central === undefined ? [local] : [{ tree: central.tree, warnings: central.warnings, errors: [] }, local];
    const merged = mergeLayers(layers);
    const { config, warnings, errors } = this.#options.resolve(merged.tree);
    const faults = [...merged.errors, ...errors];
    if (faults.length > 0) throw invalid(faults);
    return { configuration: config, tree: merged.tree, warnings: [...merged.warnings, ...warnings] };
  }

  async #adopt(candidate: WatchedConfiguration): Promise<boolean> {
    const text = textOf(candidate.tree);
    if (text === this.#text || this.#closed) return false;
    const told: ConfigurationListener[] = [];
    try {
      for (const listener of this.#listeners) {
        told.push(listener);
        await listener(candidate);
      }
    } catch (thrown) {
      for (const listener of told.slice(0, -1)) await listener(this.#current);
      throw thrown;
    }
    this.#current = candidate;
    this.#text = text;
    return true;
  }

  #failure(fault: unknown): ConfigurationState['lastFailure'] {
    if (fault === undefined) return undefined;
    return { at: this.#options.clock.now(), reason: failureOf(fault).message };
  }

  #next(): void {
    this.#cancel?.();
    if (this.#closed) return;
    const { refreshSeconds } = resolveConfigurationService(this.#current.tree).settings;
    this.#cancel = (this.#options.schedule ?? afterSeconds)(() => void this.refresh(), refreshSeconds);
  }
}

function afterSeconds(act: () => void, seconds: number): () => void {
  // Alone it keeps no process alive.
  const timer = setTimeout(act, seconds * 1000).unref();
  return () => clearTimeout(timer);
}

function unanswered(local: CfgSection, fault: unknown): ConfigRemark {
  const path = '/DIRAC/Configuration/Servers';
  const { code, message: reason } = failureOf(fault);
  // Without anything to show, nobody is asked.
  const message = `${code === 'unauthenticated' ? 'was not asked' : 'does not answer'}, the files are all there is: ${reason}`;
  return { path, message, source: local.option(path)?.source, grave: true };
}

/** A file that is no configuration at all has a fault in every line. */
const faultsTold = 10;

function invalid(faults: readonly ConfigRemark[]): DiracS3Error {
  const more = faults.length - faultsTold;
  const told = faults.slice(0, faultsTold).map(formatRemark);
  return new DiracS3Error('invalid-configuration', [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; '));
}

/** All that counts of a configuration: names and values in their order, and no comments. */
function textOf(tree: CfgSection): string {
  const contentOf = (section: CfgSection): unknown[] =>
    Array.from(section.entries.values(), (entry) => [entry.name, entry instanceof CfgOption ? entry.value : contentOf(entry)]);
  return JSON.stringify(contentOf(tree));
}
