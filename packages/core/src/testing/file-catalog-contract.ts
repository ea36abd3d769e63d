import type { ContractCheck } from './contract.js';
import { changingChecks } from './file-catalog-changing.js';
import { readingChecks } from './file-catalog-reading.js';
import { registrationChecks } from './file-catalog-registration.js';
import type { FileCatalogSubject } from './file-catalog-subject.js';

/** What the `FileCatalog` port promises of reading: all of it that a catalog holds to which changes nothing. */
export const fileCatalogReadingContract: readonly ContractCheck<FileCatalogSubject>[] = readingChecks;

/** What the `FileCatalog` port promises. */
export const fileCatalogContract: readonly ContractCheck<FileCatalogSubject>[] = [
  ...registrationChecks,
  ...changingChecks,
  ...readingChecks,
];
