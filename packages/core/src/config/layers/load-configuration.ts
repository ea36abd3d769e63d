import { join } from 'node:path';
import { mergeCfg } from '../cfg/merge.js';
import type { CfgOutcome } from '../cfg/parse.js';
import { CfgSection } from '../cfg/tree.js';
import type { ConfigRemark } from '../types.js';
import { loadFile, loadOptions } from './load-layer.js';
import { readConfigFile, type ReadConfigFile } from './read-file.js';

export interface ConfigurationSources {
  /** Values of `-o`: `/path/of/the/option=value`. */
  readonly options?: readonly string[];
  /** Values of `--cfg`, in order. */
  readonly cfgFiles?: readonly string[];
  /** Environment: `DIRACSYSCONFIG` and `DIRAC_ROOT_PATH` are read. */
  readonly env?: { readonly DIRACSYSCONFIG?: string | undefined; readonly DIRAC_ROOT_PATH?: string | undefined };
  /** Home directory: `~/.dirac.cfg`, and `~/` in names of files. */
  readonly home?: string | undefined;
  /** Directory whose `etc/dirac.cfg` counts; `DIRAC_ROOT_PATH` when left out. */
  readonly rootPath?: string | undefined;
  /** File with the central configuration; `/DIRAC/Configuration/CentralFile` of the local layers when left out. */
  readonly centralFile?: string | undefined;
  readonly readFile?: ReadConfigFile;
}

/**
 * Loads and merges the layers in the order DIRAC's code has (`LocalConfiguration`, `ConfigurationData`; its manual tells
 * another one), the first winning option by option:
 *
 * `-o` > `--cfg` (the last one first) > `~/.dirac.cfg` > `DIRACSYSCONFIG` (the first one first) > `<root>/etc/dirac.cfg`
 * > central configuration.
 *
 * Layers nobody named may be missing. Never throws for what an operator wrote: with errors the tree is a best reading.
 */
export async function loadConfiguration(sources: ConfigurationSources): Promise<CfgOutcome> {
  const { env = {}, home } = sources;
  const expand = (path: string): string => (home !== undefined && path.startsWith('~/') ? join(home, path.slice(2)) : path);
  const found: string[] = [];
  const readFile: ReadConfigFile = async (path) => {
    const file = await (sources.readFile ?? readConfigFile)(path);
    if (file !== undefined) found.push(path);
    return file;
  };
  const read = (path: string, demanded: boolean): Promise<CfgOutcome> => loadFile(expand(path), { demanded, readFile });

  const root = sources.rootPath ?? env.DIRAC_ROOT_PATH;
  const system = (env.DIRACSYSCONFIG ?? '')
    .replaceAll(' ', '')
    .split(',')
    .filter((path) => path !== '');
  const implicit = [...(root ? [join(root, 'etc', 'dirac.cfg')] : []), ...system.toReversed(), ...(home ? [join(home, '.dirac.cfg')] : [])];
  const layers = await Promise.all([
    ...implicit.map((path) => read(path, false)),
    ...(sources.cfgFiles ?? []).map((path) => read(path, true)),
  ]);
  const local = mergeLayers([...layers, loadOptions(sources.options ?? [])]);

  const centralFile = sources.centralFile ?? local.tree.option('/DIRAC/Configuration/CentralFile')?.value ?? '';
  if (centralFile !== '') return mergeLayers([await read(centralFile, true), local]);
  if (found.length > 0 || sources.options?.length || sources.cfgFiles?.length) return local;
  return { ...local, warnings: [...local.warnings, nothingFound(implicit.map(expand))] };
}

/** Without any layer nothing is configured, which everybody should hear who wonders why there is nothing. */
function nothingFound(places: readonly string[]): ConfigRemark {
  const tried = places.length === 0 ? '' : ` (looked for ${places.join(', ')})`;
  const message = `no configuration file could be read${tried}; others are named by --cfg, DIRACSYSCONFIG or DIRAC_ROOT_PATH`;
  return { path: '/', message, source: undefined, grave: true };
}

/** Merges layers, each overriding those before it, and gathers what was remarked on them. */
export function mergeLayers(layers: readonly CfgOutcome[]): CfgOutcome {
  let tree = new CfgSection();
  const clashes = layers.flatMap((layer) => {
    const merged = mergeCfg(tree, layer.tree);
    tree = merged.tree;
    return merged.errors;
  });
  return { tree, warnings: layers.flatMap((layer) => layer.warnings), errors: [...layers.flatMap((layer) => layer.errors), ...clashes] };
}
