import type { CfgSection } from '../cfg/tree.js';
import { shown, type Kind } from '../kinds.js';
import type { ConfigRemark } from '../types.js';

/** The written form of one option: the reader and the reference page are both made from it. */
export interface OptionSpec<Value> {
  readonly name: string;
  readonly kind: Kind<unknown>;
  /** Value when the option is not set; undefined when there is none. */
  readonly fallback: Value;
  /** How the default is written on the reference page, when it is not the fallback itself. */
  readonly written: string | undefined;
  readonly required: boolean;
  readonly meaning: string;
  readonly example: string;
}

interface Doc {
  readonly meaning: string;
  readonly example: string;
  readonly written?: string;
  readonly required?: boolean;
}

export function option<Value>(name: string, kind: Kind<Value>, doc: Doc & { readonly fallback: NoInfer<Value> }): OptionSpec<Value>;
export function option<Value>(name: string, kind: Kind<Value>, doc: Doc): OptionSpec<Value | undefined>;
export function option(name: string, kind: Kind<unknown>, doc: Doc & { readonly fallback?: unknown }): OptionSpec<unknown> {
  const { meaning, example } = doc;
  return {
    name,
    kind,
    fallback: doc.fallback,
    written: doc.written,
    required: doc.required ?? false,
    meaning,
    example,
  };
}

/** Options of one section, keyed by the word our code uses for them. */
export type OptionTable = Readonly<Record<string, OptionSpec<unknown>>>;

export type ValuesOf<Table extends OptionTable> = {
  readonly [Key in keyof Table]: Table[Key] extends OptionSpec<infer Value> ? Value : never;
};

/**
 * Reads a section by its table. A faulty or missing required option is a fault and keeps its default in the values; a
 * secret is never quoted.
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  section: CfgSection | undefined,
  path: string,
): { readonly values: ValuesOf<Table>; readonly faults: readonly ConfigRemark[] } {
  const faults: ConfigRemark[] = [];
  const read = (spec: OptionSpec<unknown>): unknown => {
    const written = section?.entries.get(spec.name) === undefined ? undefined : section.option(spec.name);
    const remark = (message: string): void =>
      void faults.push({ path: `${path}/${spec.name}`, message, source: written?.source ?? section?.source });
    if (written === undefined || (written.value === '' && spec.kind.readsEmpty !== true)) {
      if (spec.required) remark(`must be set: ${spec.meaning}`);
      return spec.fallback;
    }
    const result = spec.kind.read(written.value);
    if ('value' in result) return result.value;
    remark(`${result.fault}${shown(written)}`);
    return spec.fallback;
  };
  const values = Object.fromEntries(Object.entries(table).map(([key, spec]) => [key, read(spec)]));
  return { values: values as ValuesOf<Table>, faults };
}
