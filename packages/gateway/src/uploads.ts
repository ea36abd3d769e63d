import type { StorageElement } from '@dirac-s3/core';
import type { CredentialsProvider } from '@dirac-s3/core/ports';

/**
 * Ways to send a body that are safe to hand out URLs for: POST policies everywhere, PUT where the store refuses headers
 * that are not signed, or where a write-only key signs it.
 */
export function safeUploads(element: StorageElement, credentials: CredentialsProvider): ('post' | 'put')[] {
  const putIsSafe = element.unsignedHeaders === 'refused' || credentials.credentialsOf(element.name, 'write-only') !== undefined;
  return putIsSafe ? ['post', 'put'] : ['post'];
}
