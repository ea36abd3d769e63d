import { formatRemark, parseCfg, resolveConfiguration, type ResolveOptions } from '../../src/config/index.js';

/** A configuration as nested objects, written as CFG text. */
export interface Sections {
  readonly [name: string]: string | number | boolean | Sections;
}

export function cfg(sections: Sections): string {
  return Object.entries(sections)
    .map(([name, entry]) => (typeof entry === 'object' ? `${name}\n{\n${cfg(entry)}}\n` : `${name} = ${String(entry)}\n`))
    .join('');
}

/** Operations that give no reason for a warning. */
export const goodOperations: Sections = {
  Defaults: { DataManagement: { AccessProtocols: 's3', WriteProtocols: 's3', RegistrationProtocols: 's3' } },
};

/** The least an S3 section needs. */
export const s3: Sections = { Protocol: 's3', Access: 'remote', Host: 's3.example.org', Path: 'data' };

export function resolve(sections: Sections, options?: ResolveOptions) {
  const { tree, errors: faults } = parseCfg(cfg(sections), { file: 'dirac.cfg' });
  if (faults.length > 0) throw new Error(faults.map(formatRemark).join('\n'));
  const { config, warnings, errors } = resolveConfiguration(tree, options);
  const plain = (remarks: typeof warnings): string[] => remarks.map(({ path, message }) => `${path} ${message}`);
  return { config, warnings: plain(warnings), errors: plain(errors), remarks: [...warnings, ...errors] };
}

/** Resolves StorageElements (and bases) with Operations that are as they should be. */
export function resolveElements(elements: Sections, bases: Sections = {}) {
  return resolve({ Operations: goodOperations, Resources: { StorageElements: elements, StorageElementBases: bases } });
}
