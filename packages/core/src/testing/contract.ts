/**
 * One requirement of a port, for any adapter. Nothing here needs a test runner: give each check a fresh subject and await it.
 *
 * ```ts
 * for (const { name, check } of fileCatalogContract) it(name, () => withFreshCatalog(check));
 * ```
 */
export interface ContractCheck<Subject> {
  /** A sentence: what the adapter does. */
  readonly name: string;
  /** Rejects with an `AssertionError` when the subject does not hold to it. */
  readonly check: (subject: Subject) => Promise<void>;
}
