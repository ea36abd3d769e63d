import type { Checks } from './checks.js';
import type { StoreCredential } from './credentials.js';
import type { ObjectFiles } from './object-files.js';
import type { UploadFiles } from './upload-files.js';

/** Tells the time. */
export interface StoreClock {
  now(): Date;
}

/** What the operations of one store share. */
export interface StoreContext {
  readonly region: string;
  readonly clock: StoreClock;
  readonly checks: Checks;
  readonly credentials: readonly StoreCredential[];
  readonly objects: ObjectFiles;
  readonly uploads: UploadFiles;
  /** Where bodies are written before they become objects. */
  readonly temporary: string;
  readonly allowedOrigins: readonly string[];
}
