import type { FileMetadata } from '@dirac-s3/core/ports';
import { UsageError } from '../exit-codes.js';

/** What DIRAC calls a metaspec, of the files themselves. */
export interface FileConditions {
  readonly path: string | undefined;
  readonly storageElements: readonly string[] | undefined;
  readonly holds: (file: FileMetadata) => boolean;
}

type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=';
type Value = string | number;

const values: Readonly<
  Record<string, { readonly of: (file: FileMetadata) => Value; readonly parse: (text: string, name: string) => Value }>
> = {
  Size: { of: ({ sizeBytes }) => sizeBytes, parse: wholeNumber },
  CreationDate: { of: ({ createdAt }) => createdAt.getTime(), parse: instant },
  ModificationDate: { of: ({ modifiedAt }) => modifiedAt.getTime(), parse: instant },
  Owner: { of: ({ owner }) => owner, parse: (text) => text },
  OwnerGroup: { of: ({ ownerGroup }) => ownerGroup, parse: (text) => text },
  Status: { of: ({ status }) => status, parse: (text) => text },
  GUID: { of: ({ guid }) => guid, parse: (text) => text.toUpperCase() },
  Checksum: { of: ({ checksum }) => checksum, parse: (text) => text.toLowerCase() },
};

/** @throws UsageError with the condition that cannot be understood: one that is left out would find too much */
export function parseConditions(specs: readonly string[]): FileConditions {
  let path: string | undefined;
  let storageElements: string[] | undefined;
  const tests: ((file: FileMetadata) => boolean)[] = [];
  for (const spec of specs) {
    const [, name = '', comparison = '', text = ''] = /^([A-Za-z]+)\s*(!=|<=|>=|=|<|>)\s*(.+)$/s.exec(spec) ?? [];
    if (name === 'Path' && comparison === '=') path = text;
    else if (name === 'SE' && comparison === '=')
      storageElements = [...(storageElements ?? []), ...text.split(',').map((one) => one.trim())];
    else {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) throw new UsageError(`"${spec}" is no condition known here`);
      const wanted = value.parse(text, name);
      tests.push((file) => compare(value.of(file), comparison as Comparison, wanted));
    }
  }
  return { path, storageElements, holds: (file) => tests.every((test) => test(file)) };
}

function compare(found: Value, comparison: Comparison, wanted: Value): boolean {
  switch (comparison) {
    case '=':
      return found === wanted;
    case '!=':
      return found !== wanted;
    case '<':
      return found < wanted;
    case '>':
      return found > wanted;
    case '<=':
      return found <= wanted;
    case '>=':
      return found >= wanted;
  }
}

function wholeNumber(text: string, name: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`${name}: "${text}" is not a whole number`);
}

function instant(text: string, name: string): number {
  const at = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?$/.test(text)
    ? Date.parse(`${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}`)
    : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`${name}: "${text}" is not a date like 2026-01-31 or "2026-01-31 12:00:00"`);
  return at;
}
