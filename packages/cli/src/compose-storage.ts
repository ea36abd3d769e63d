import { DiracS3Error, type StorageElement } from '@dirac-s3/core';
import { createCredentialsProvider, expandStorageElements, type DiracConfiguration } from '@dirac-s3/core/config';
import type { MultipartUploads, StorageElementRegistry, StoredObjects, UrlSource } from '@dirac-s3/core/ports';
import { createDirectMultipartUploads, createDirectStoredObjects, createDirectUrlSource } from '@dirac-s3/core/presign';
import {
  allowWaitingForFiles,
  createAbortTools,
  createFileStorageElement,
  createS3StorageElement,
  createStorageElementByProtocol,
  type AbortTools,
  type S3StorageElementOptions,
  type StorageElementClient,
} from '@dirac-s3/core/storage';
import { once } from './once.js';

/** Who signs, who begins uploads in parts, and who lists: the gateway, or this process. */
export interface StorageGateway {
  readonly urls: UrlSource;
  readonly uploads: MultipartUploads;
  readonly objects: StoredObjects;
}

export interface StorageParts {
  readonly configuration: DiracConfiguration;
  readonly registry: StorageElementRegistry;
  /** For StorageElements without credentials here. */
  readonly gateway: StorageGateway;
  readonly vo: string | undefined;
  /** Where transfers that can be resumed are listed. */
  readonly stateDirectory: string;
}

export interface OpenStorage {
  /** A group stands for its only member. @throws unknown-storage-element, unsupported-protocol, invalid-argument (a group of several) */
  readonly open: (name: string) => StorageElementClient;
  /** @throws unknown-storage-element */
  readonly abortTools: (name: string) => AbortTools;
  close(): void;
}

/** Opens each StorageElement once: directly where its credentials are in the configuration, else through the gateway. */
export function openStorage({ configuration, registry, gateway, vo, stateDirectory }: StorageParts): OpenStorage {
  // Nobody else is served by this process.
  allowWaitingForFiles(() => performance.now());
  const opened = new Map<string, StorageElementClient>();
  const direct = openDirect({ configuration, registry, vo });
  const closing: (() => void)[] = [() => direct.close()];
  const optionsOf = (element: StorageElement): S3StorageElementOptions => {
    const { urls, uploads, objects } = element.access === 'direct' ? direct : gateway;
    return { element, vo, urls, multipart: uploads, objects, stateDirectory };
  };
  return {
    open: (asked) => {
      const name = singleElement(configuration, asked);
      const element = registry.find(name);
      const file = configuration.fileStorageElements.get(name);
      const known = opened.get(element?.name ?? file?.name ?? name);
      if (known !== undefined) return known;
      const clients = new Map<string, StorageElementClient>();
      if (element !== undefined) clients.set('s3', createS3StorageElement(optionsOf(element)));
      if (file !== undefined) clients.set('file', createFileStorageElement({ element: file, vo }));
      const fresh = byProtocol(configuration, name, clients);
      opened.set(fresh.name, fresh);
      closing.push(() => fresh.close());
      return fresh;
    },
    abortTools: (name) => {
      const tools = createAbortTools(optionsOf(findElement(registry, name)));
      closing.push(() => tools.http.close());
      return tools;
    },
    close: () => closing.forEach((close) => close()),
  };
}

/** Each operation by the protocol DIRAC would choose of those this program has. */
function byProtocol(
  configuration: DiracConfiguration,
  name: string,
  clients: ReadonlyMap<string, StorageElementClient>,
): StorageElementClient {
  const { elements, siteOf, ownSite, registrationProtocols } = configuration.dataManagement;
  if (clients.size === 0) return refuseForeign(configuration, name);
  const protocols = elements.get(name);
  if (protocols === undefined) throw new DiracS3Error('unknown-storage-element', `${name} is not in this configuration`);
  const local = ownSite !== undefined && siteOf.get(name) === ownSite;
  return createStorageElementByProtocol({ protocols, clients, local, registrationProtocols });
}

/** The only member of a group, where one StorageElement is needed; any other name as it is. @throws invalid-argument: a group of several */
export function singleElement({ dataManagement }: Pick<DiracConfiguration, 'dataManagement'>, name: string): string {
  if (dataManagement.elements.has(name) || !dataManagement.groups.has(name)) return name;
  const [only, ...others] = expandStorageElements([name], dataManagement);
  if (only !== undefined && others.length === 0) return only;
  const members = [only, ...others].filter((member) => member !== undefined).join(', ');
  throw new DiracS3Error('invalid-argument', `${name} is a group of StorageElements (${members}), and one is needed here`);
}

/** Of a StorageElement that is configured, but not for this program, the protocols are named. */
function refuseForeign({ dataManagement }: DiracConfiguration, name: string): never {
  const protocols = dataManagement.elements.get(name)?.plugins.map(({ protocol }) => protocol) ?? [];
  const foreign = [...new Set(protocols)].filter((protocol) => protocol !== '' && protocol !== 's3' && protocol !== 'file');
  if (foreign.length === 0)
    throw new DiracS3Error('unknown-storage-element', `${name} is not a usable StorageElement of this configuration`);
  throw new DiracS3Error('unsupported-protocol', `${name} has the protocols ${foreign.join(', ')}; this program has s3 and file`);
}

export function findElement(registry: StorageElementRegistry, name: string): StorageElement {
  const element = registry.find(name);
  if (element !== undefined) return element;
  throw new DiracS3Error('unknown-storage-element', `${name} is not a usable S3 StorageElement of this configuration`);
}

/** The SDK is loaded with the first signature: whoever goes through the gateway needs none of it. */
function openDirect({
  configuration,
  registry,
  vo,
}: Pick<StorageParts, 'configuration' | 'registry' | 'vo'>): StorageGateway & { close(): void } {
  let stop = (): void => undefined;
  const opened = once(async () => {
    const { createObjectLister, createS3Presigner, createUploadFinder, createUploadStarter } = await import('@dirac-s3/core/adapters/s3');
    const credentials = createCredentialsProvider(configuration);
    const presigner = createS3Presigner({ credentials });
    const starter = createUploadStarter({ presigner, credentials });
    const clock = { now: () => new Date() };
    const lister = createObjectLister({ credentials, clock });
    stop = () => [starter, lister].forEach((opened) => opened.close());
    const parts = { registry, clock, vo };
    return {
      urls: createDirectUrlSource({ ...parts, presigner }),
      uploads: createDirectMultipartUploads({ ...parts, starter, finder: createUploadFinder({ credentials }) }),
      objects: createDirectStoredObjects({ ...parts, lister }),
    };
  });
  return {
    urls: { presign: async (request) => (await opened()).urls.presign(request) },
    uploads: {
      begin: async (name, uploads) => (await opened()).uploads.begin(name, uploads),
      renew: async (name, uploads) => (await opened()).uploads.renew(name, uploads),
      find: async (name, lfns) => (await opened()).uploads.find(name, lfns),
    },
    objects: { listed: async (name, lfns) => (await opened()).objects.listed(name, lfns) },
    close: () => stop(),
  };
}
