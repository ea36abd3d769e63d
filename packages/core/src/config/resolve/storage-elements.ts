import type { FileStorageElement, StorageElement } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import type { ConfigRemark } from '../types.js';
import type { ElementCredentials } from './credentials.js';
import { resolveFileElement } from './file-section.js';
import { deriveElement, elementsPath, valueOf, type DerivedElement } from './inherit.js';
import { resolveS3Section } from './s3-section.js';

export interface StorageElementsOutcome {
  /** By name and by alias; an alias leads to the StorageElement it stands for. */
  readonly elements: ReadonlyMap<string, StorageElement>;
  /** Mounted directories; one may be an S3 StorageElement too. */
  readonly files: ReadonlyMap<string, FileStorageElement>;
  readonly credentials: ReadonlyMap<string, ElementCredentials>;
  readonly warnings: readonly ConfigRemark[];
}

/**
 * The S3 StorageElements of a tree. Others are left alone; a broken one is left out with a warning per fault, and the rest
 * works. Of several S3 sections the first that has no fault counts, as the first working plugin does in DIRAC.
 */
export function resolveStorageElements(tree: CfgSection): StorageElementsOutcome {
  const elements = new Map<string, StorageElement>();
  const files = new Map<string, FileStorageElement>();
  const credentials = new Map<string, ElementCredentials>();
  const warnings: ConfigRemark[] = [];
  for (const { name } of tree.section(elementsPath)?.sections() ?? []) {
    const derived = deriveElement(tree, name);
    if ('fault' in derived) {
      warnings.push(skipped(derived.fault, name));
      continue;
    }
    const found = resolveElement(derived.element);
    // What is wrong with the StorageElement behind an alias is said once, under its own name.
    if (derived.element.name === name) warnings.push(...found.warnings);
    const { element: file, faults } = resolveFileElement(derived.element);
    if (derived.element.name === name) warnings.push(...faults.map((fault) => skipped(fault, name)));
    if (file !== undefined) files.set(name, file);
    if (found.element === undefined) continue;
    elements.set(name, found.element);
    if (found.credentials !== undefined) credentials.set(name, found.credentials);
  }
  return { elements, files, credentials, warnings };
}

function resolveElement(derived: DerivedElement): {
  element?: StorageElement;
  credentials?: ElementCredentials | undefined;
  warnings: ConfigRemark[];
} {
  const warnings: ConfigRemark[] = [];
  const sections = derived.sections.filter((section) => isS3(section));
  for (const section of derived.sections) {
    if (!isS3(section) && valueOf(section, 'Protocol') === 's3') {
      const message = `must be S3: the Protocol of this section is s3, but its plugin would be "${valueOf(section, 'PluginName') ?? section.name}"`;
      warnings.push({ path: `${derived.path}/${section.name}/PluginName`, message, source: section.option('Protocol')?.source });
    }
  }
  for (const [index, section] of sections.entries()) {
    const { element, credentials, faults, warnings: remarks } = resolveS3Section(derived, section);
    warnings.push(...faults.map((fault) => skipped(fault, derived.name)), ...remarks);
    if (element === undefined) continue;
    for (const unused of sections.slice(index + 1)) {
      const message = `is not used: section "${section.name}" serves this StorageElement already`;
      warnings.push({ path: `${derived.path}/${unused.name}`, message, source: unused.source });
    }
    return { element, credentials, warnings };
  }
  return { warnings };
}

function isS3(section: CfgSection): boolean {
  return (valueOf(section, 'PluginName') ?? section.name) === 'S3';
}

function skipped(fault: ConfigRemark, name: string): ConfigRemark {
  return { ...fault, message: `${fault.message}; StorageElement "${name}" is not used`, grave: true };
}
