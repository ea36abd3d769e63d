import { DiracS3Error } from '../errors/index.js';
import type { DataManagementSettings } from './types.js';

/**
 * StorageElements that names stand for: a name of a `StorageElementGroup` for its members, groups inside of groups included (DIRAC's
 * `resolveSEGroup`). The group counts where a StorageElement has the same name. Each comes once, in order.
 *
 * @throws unknown-storage-element: one unknown name spoils the whole, as in DIRAC, where it silently leaves nothing; invalid-configuration: a circle
 */
export function expandStorageElements(names: readonly string[], settings: Pick<DataManagementSettings, 'groups' | 'elements'>): string[] {
  return [...new Set(names.flatMap((name) => expand(name, settings, [])))];
}

function expand(name: string, settings: Pick<DataManagementSettings, 'groups' | 'elements'>, above: readonly string[]): readonly string[] {
  const members = settings.groups.get(name);
  if (members === undefined || (above.length > 0 && settings.elements.has(name))) {
    if (settings.elements.has(name)) return [name];
    const where = above.length === 0 ? '' : ` of the group ${above.at(-1)}`;
    throw new DiracS3Error('unknown-storage-element', `${name}${where} is neither a StorageElement nor a group of them`);
  }
  if (above.includes(name)) {
    const circle = [...above, name].join(' -> ');
    throw new DiracS3Error('invalid-configuration', `/Resources/StorageElementGroups leads in a circle: ${circle}`);
  }
  return members.flatMap((member) => expand(member, settings, [...above, name]));
}
