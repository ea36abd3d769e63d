import type { FileStorageElement } from '../../domain/index.js';
import type { CfgSection } from '../cfg/tree.js';
import { fileSectionOptions } from '../schema/file-section.js';
import { readOptions } from '../schema/option.js';
import { storageElementOptions } from '../schema/storage-element.js';
import type { ConfigRemark } from '../types.js';
import { valueOf, type DerivedElement } from './inherit.js';

/** A mounted directory of a derived StorageElement: its first section of the plug-in `File` that has no fault. */
export function resolveFileElement(derived: DerivedElement): {
  readonly element: FileStorageElement | undefined;
  readonly faults: readonly ConfigRemark[];
} {
  const faults: ConfigRemark[] = [];
  for (const section of derived.sections.filter(isFile)) {
    const { values, faults: found } = readOptions(fileSectionOptions, section, `${derived.path}/${section.name}`);
    faults.push(...found);
    if (found.length > 0 || values.directory === undefined) continue;
    const { vos, readAccess, writeAccess, removeAccess, checkAccess } = readOptions(
      storageElementOptions,
      derived.options,
      derived.path,
    ).values;
    return {
      element: {
        name: derived.name,
        baseName: derived.baseName,
        section: section.name,
        directory: values.directory,
        vos,
        status: { Read: readAccess, Write: writeAccess, Remove: removeAccess, Check: checkAccess },
      },
      faults,
    };
  }
  return { element: undefined, faults };
}

function isFile(section: CfgSection): boolean {
  return (valueOf(section, 'PluginName') ?? section.name) === 'File';
}
