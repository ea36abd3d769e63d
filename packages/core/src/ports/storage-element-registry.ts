import type { StorageElement } from '../domain/index.js';

/** The configured S3 StorageElements. Lookup by the name of the SE, never by that of its base. */
export interface StorageElementRegistry {
  find(name: string): StorageElement | undefined;
  all(): readonly StorageElement[];
}
