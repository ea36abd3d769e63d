import type { StorageElement } from '../../domain/index.js';
import { splitList } from '../cfg/text.js';
import type { CfgSection } from '../cfg/tree.js';
import { findOperationsOption, type OperationsScope } from '../operations.js';
import { protocolOptions } from '../schema/registry.js';
import type { ConfigRemark } from '../types.js';
import { deriveElement, valueOf } from './inherit.js';

/**
 * A warning for each list in which unmodified DIRAC clients would miss `s3` (`DMSHelpers`, `StorageElement`): the access
 * and write lists of the StorageElement or else of Operations, the registration list; and one for `s3` in the third-party
 * list, where it does nothing.
 */
export function protocolWarnings(tree: CfgSection, elements: readonly StorageElement[], scope: OperationsScope): ConfigRemark[] {
  if (elements.length === 0) return [];
  const names = elements.map(({ name }) => name);
  return [
    ...listWarnings(tree, { list: 'access', without: 'DIRAC clients cannot read from', names, scope }),
    ...listWarnings(tree, { list: 'write', without: 'DIRAC clients cannot write to or remove from', names, scope }),
    ...operationsWarning(tree, {
      list: 'registration',
      remark: ({ holds }) =>
        holds ? undefined : `does not hold s3: DIRAC clients fail to register after an upload to ${names.join(', ')}`,
      scope,
    }),
    ...operationsWarning(tree, {
      list: 'thirdParty',
      remark: ({ holds }) =>
        holds ? 's3 is ignored here: no S3 store fetches from another one, DIRAC would copy through a local file' : undefined,
      scope,
    }),
  ];
}

function listWarnings(
  tree: CfgSection,
  about: { list: 'access' | 'write'; without: string; names: readonly string[]; scope: OperationsScope },
): ConfigRemark[] {
  const { name } = protocolOptions[about.list];
  const warnings: ConfigRemark[] = [];
  const shared: string[] = [];
  for (const elementName of about.names) {
    const derived = deriveElement(tree, elementName);
    const options = 'element' in derived ? derived.element.options : undefined;
    const own = valueOf(options, name);
    if (own === undefined || splitList(own).length === 0) shared.push(elementName);
    else if (!splitList(own).includes('s3')) {
      const path = `/Resources/StorageElements/${elementName}/${name}`;
      warnings.push({ path, message: `does not hold s3: ${about.without} ${elementName}`, source: options?.option(name)?.source });
    }
  }
  if (shared.length === 0) return warnings;
  const remark = ({ holds }: { holds: boolean }): string | undefined =>
    holds ? undefined : `does not hold s3: ${about.without} ${shared.join(', ')}`;
  return [...warnings, ...operationsWarning(tree, { list: about.list, remark, scope: about.scope })];
}

function operationsWarning(
  tree: CfgSection,
  about: { list: keyof typeof protocolOptions; remark: (found: { holds: boolean }) => string | undefined; scope: OperationsScope },
): ConfigRemark[] {
  const spec = protocolOptions[about.list];
  const { path, option } = findOperationsOption(tree, `DataManagement/${spec.name}`, about.scope);
  const protocols = option === undefined ? spec.fallback : splitList(option.value);
  const message = about.remark({ holds: protocols.includes('s3') });
  if (message === undefined) return [];
  return [
    { path, message: option === undefined ? `${message} (not set, it is ${protocols.join(', ')})` : message, source: option?.source },
  ];
}
