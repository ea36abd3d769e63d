import type { S3Credentials } from '../domain/index.js';

/**
 * Gives the keys of a StorageElement, or undefined when this process has none. Asked for every signature, so that
 * rotated and renewed keys count at once; an implementation must answer from memory.
 */
export interface CredentialsProvider {
  credentialsOf(storageElement: string, use: 'main' | 'write-only'): S3Credentials | undefined;
}
