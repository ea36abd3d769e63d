import { DiracS3Error, isStorageUrlOf, storageUrlBaseOf, type StorageElement } from '@dirac-s3/core';
import type { StorageElementRegistry } from '@dirac-s3/core/ports';
import { excerpt } from '../../excerpt.js';

export interface NamedStorage {
  readonly storageName: string;
  readonly urls: Iterable<string>;
  /** VO of the caller: it may have a bucket of its own. */
  readonly vo: string;
}

/**
 * The StorageElement a client means. It sends the name of the SE, but that of its *base* where the SE has a `BaseSE` (DIRAC's StorageFactory gives
 * the plugin the base's name); then the SE is the one derived from it whose host, port and bucket all URLs have. Nothing is guessed: several
 * that fit are as bad as none.
 *
 * @throws invalid-argument
 */
export function chooseStorageElement(registry: StorageElementRegistry, { storageName, urls, vo }: NamedStorage): StorageElement {
  const asked = [...urls];
  const fits = (element: StorageElement): boolean => asked.every((url) => isStorageUrlOf(storageUrlBaseOf(element, vo), url));
  const named = registry.find(storageName);
  const derived = registry.all().filter((element) => element.baseName === storageName && element.name !== named?.name);
  // Where a base has the name of an SE, the URLs tell whose it is.
  if (named !== undefined && (derived.length === 0 || fits(named))) return named;
  const [element, ...others] = derived.filter(fits);
  if (element !== undefined && others.length === 0) return element;
  const name = JSON.stringify(excerpt(storageName));
  if (derived.length === 0) throw new DiracS3Error('invalid-argument', `unknown StorageElement ${name}`);
  const found = [element, ...others].flatMap((one) => (one === undefined ? [] : [one.name]));
  throw new DiracS3Error(
    'invalid-argument',
    found.length === 0
      ? `no StorageElement derived from ${name} has host, port and bucket of every URL`
      : `the URLs belong to several StorageElements derived from ${name}: ${found.join(', ')}`,
  );
}
