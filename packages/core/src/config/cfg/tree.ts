import { inspect } from 'node:util';
import { splitPath } from './text.js';

/** Options whose value must never be printed: keys of stores, passwords of databases, client secrets. */
export function isSecretOption(name: string): boolean {
  return /secret|passw(?:or)?d|access_key|session_token/i.test(name);
}

/** One option: always text, as DIRAC stores it. Printing it (JSON, inspect) hides the value of a secret. */
export class CfgOption {
  readonly name: string;
  readonly value: string;
  /** Comment lines above it without their `#`, each ended by a line feed; empty when there is none. */
  readonly comment: string;
  /** Where it was read: `file:line:column`, or `-o /path`. */
  readonly source: string | undefined;

  constructor(name: string, value: string, facts: { comment?: string; source?: string | undefined } = {}) {
    this.name = name;
    this.value = value;
    this.comment = facts.comment ?? '';
    this.source = facts.source;
  }

  toJSON(): string {
    return isSecretOption(this.name) ? '[secret]' : this.value;
  }

  [inspect.custom](): string {
    return this.toJSON();
  }
}

/** A section: options and sub-sections in one order. The root of a tree is a section with an empty name. */
export class CfgSection {
  readonly name: string;
  readonly comment: string;
  readonly source: string | undefined;
  readonly #entries = new Map<string, CfgOption | CfgSection>();

  constructor(name = '', facts: { comment?: string; source?: string | undefined } = {}) {
    this.name = name;
    this.comment = facts.comment ?? '';
    this.source = facts.source;
  }

  get entries(): ReadonlyMap<string, CfgOption | CfgSection> {
    return this.#entries;
  }

  /** Puts an entry in; one of the same name is replaced and its place kept. */
  set<Entry extends CfgOption | CfgSection>(entry: Entry): Entry {
    this.#entries.set(entry.name, entry);
    return entry;
  }

  options(): CfgOption[] {
    return [...this.#entries.values()].filter((entry) => entry instanceof CfgOption);
  }

  sections(): CfgSection[] {
    return [...this.#entries.values()].filter((entry) => entry instanceof CfgSection);
  }

  /** The option at a path below this section; undefined when there is none, or a section. */
  option(path: string): CfgOption | undefined {
    const entry = this.#find(path);
    return entry instanceof CfgOption ? entry : undefined;
  }

  /** The section at a path below this one; the empty path is the section itself. */
  section(path: string): CfgSection | undefined {
    const entry = this.#find(path);
    return entry instanceof CfgSection ? entry : undefined;
  }

  /** Plain nested objects for a look at the tree, secrets hidden. */
  toJSON(): object {
    return Object.fromEntries(this.#entries);
  }

  [inspect.custom](): object {
    return this.toJSON();
  }

  #find(path: string): CfgOption | CfgSection | undefined {
    return splitPath(path).reduce<CfgOption | CfgSection | undefined>(
      (entry, name) => (entry instanceof CfgSection ? entry.#entries.get(name) : undefined),
      this,
    );
  }
}

/** Every option of a tree with its full path, depth first. */
export function* walkOptions(section: CfgSection, path = ''): Generator<{ readonly path: string; readonly option: CfgOption }> {
  for (const entry of section.entries.values()) {
    if (entry instanceof CfgOption) yield { path: `${path}/${entry.name}`, option: entry };
    else yield* walkOptions(entry, `${path}/${entry.name}`);
  }
}
