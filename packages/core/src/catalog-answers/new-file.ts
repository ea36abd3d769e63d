import type { NewFile } from '../ports/index.js';

/** What is wrong with a file that is to be registered, whatever the catalog holds; undefined when nothing is. */
export function newFileFault(file: NewFile): string | undefined {
  if (!Number.isSafeInteger(file.sizeBytes) || file.sizeBytes < 0) return 'sizeBytes must be a whole number, not negative';
  if (!/^[0-9a-f]{8}$/.test(file.checksum)) return 'checksum must be an Adler-32 of eight lower-case hexadecimal digits';
  if (!/^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(file.guid)) return 'guid must be 8-4-4-4-12 upper-case hexadecimal digits';
  if (file.storageElement === '') return 'storageElement must not be empty';
  if (file.pfn === '') return 'pfn must not be empty';
  return undefined;
}
