import { isNativeError } from 'node:util/types';
import { parseCfg, type CfgOutcome } from '../cfg/parse.js';
import { CfgOption, CfgSection, isSecretOption, walkOptions } from '../cfg/tree.js';
import { splitPath, strip } from '../cfg/text.js';
import type { ConfigRemark } from '../types.js';
import type { ReadConfigFile } from './read-file.js';

const empty = (found: Partial<Omit<CfgOutcome, 'tree'>> = {}): CfgOutcome => ({
  tree: new CfgSection(),
  warnings: [],
  errors: [],
  ...found,
});

/**
 * One file as a layer. A missing file is an error where somebody named it (`demanded`), and nothing otherwise; one that
 * cannot be read is an error or a warning likewise.
 */
export async function loadFile(path: string, how: { readonly demanded: boolean; readonly readFile: ReadConfigFile }): Promise<CfgOutcome> {
  const remark = (message: string): ConfigRemark => ({ path: '/', message, source: path });
  let file;
  try {
    file = await how.readFile(path);
  } catch (thrown) {
    const reason = remark(`this configuration file cannot be read: ${isNativeError(thrown) ? thrown.message : 'unknown reason'}`);
    return how.demanded ? empty({ errors: [reason] }) : empty({ warnings: [reason] });
  }
  if (file === undefined) return how.demanded ? empty({ errors: [remark('there is no such configuration file')] }) : empty();
  const text = decode(file.bytes);
  if (text === undefined) return empty({ errors: [remark('this is no configuration file: it is not text in UTF-8')] });
  const outcome = parseCfg(text, { file: path });
  const exposed = (file.mode ?? 0) & 0o044 ? firstSecret(outcome.tree) : undefined;
  if (exposed === undefined) return outcome;
  const mode = (file.mode ?? 0).toString(8).padStart(4, '0');
  const warning = {
    path: exposed.path,
    source: exposed.option.source,
    message: `this file holds secrets, and its mode ${mode} lets group or others read it; run: chmod 600 ${path}`,
    grave: true as const,
  };
  return { ...outcome, warnings: [...outcome.warnings, warning] };
}

/** `-o /path=value` as a layer, later ones winning. Messages and sources name the path, never the value. */
export function loadOptions(options: readonly string[]): CfgOutcome {
  const tree = new CfgSection();
  const errors: ConfigRemark[] = [];
  for (const [index, text] of options.entries()) {
    const cut = text.indexOf('=');
    const components = splitPath(cut < 0 ? text : text.slice(0, cut));
    const path = `/${components.join('/')}`;
    const name = components.pop();
    const refuse = (fault: string): void => void errors.push({ path: '/', message: fault, source: `-o (option ${index + 1})` });
    // Without a "=" the text may be anything, a secret too.
    if (cut < 0) refuse('must be written -o /path/of/the/option=value');
    else if (name === undefined) refuse('names no option before its "="');
    else {
      const section = sectionAt(tree, components);
      if (section === undefined || section.entries.get(name) instanceof CfgSection) refuse(`${path} is an option and a section`);
      else section.set(new CfgOption(name, strip(text.slice(cut + 1)), { source: `-o ${path}` }));
    }
  }
  return { tree, warnings: [], errors };
}

function sectionAt(tree: CfgSection, names: readonly string[]): CfgSection | undefined {
  let at: CfgSection | CfgOption = tree;
  for (const name of names) {
    if (!(at instanceof CfgSection)) return undefined;
    at = at.entries.get(name) ?? at.set(new CfgSection(name, { source: '-o' }));
  }
  return at instanceof CfgSection ? at : undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // A byte order mark is kept for the parser, which refuses it where DIRAC would misread it.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function firstSecret(tree: CfgSection): { readonly path: string; readonly option: CfgOption } | undefined {
  for (const found of walkOptions(tree)) if (isSecretOption(found.option.name) && found.option.value !== '') return found;
  return undefined;
}
