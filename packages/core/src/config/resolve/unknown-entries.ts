import { CfgSection, type CfgOption } from '../cfg/tree.js';
import { didYouMean } from '../did-you-mean.js';
import { hint } from '../kinds.js';
import type { OptionTable } from '../schema/option.js';
import type { ConfigRemark } from '../types.js';

/** What nobody reads in our own sections is a typing error, or was meant for a newer version. */
export function unknownIn(
  section: CfgSection | undefined,
  about: {
    readonly path: string;
    readonly table: OptionTable;
    readonly sections?: readonly string[];
    readonly foreign?: ReadonlySet<string>;
  },
): ConfigRemark[] {
  const options = Object.values(about.table).map(({ name }) => name);
  const sections = about.sections ?? [];
  return [...(section?.entries.values() ?? [])].flatMap((entry) => {
    const known = entry instanceof CfgSection ? sections : options;
    if (known.includes(entry.name) || about.foreign?.has(entry.name) === true) return [];
    const meant = didYouMean(entry.name, known);
    return [unread(about.path, entry, meant === undefined ? '' : `; did you mean ${meant}?`)];
  });
}

export function unread(path: string, entry: CfgOption | CfgSection, more: string): ConfigRemark {
  return { path: `${path}/${entry.name}`, message: `is not read${more}${hint(entry.name)}`, source: entry.source };
}
