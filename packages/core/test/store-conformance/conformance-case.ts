import type { CheckName } from '../../src/testing/development-store/index.js';
import type { StoreName } from './store-under-test.js';
import type { Talk } from './talk.js';

/** One case: what is done, and what each store answers. */
export interface ConformanceCase {
  readonly name: string;
  /** What happened, in words that are compared with `expected`. */
  readonly run: (talk: Talk) => Promise<string>;
  readonly expected: string | Readonly<Record<StoreName, string>>;
  /** Checks of the development store this case would fail without. */
  readonly proves?: readonly CheckName[];
}

export interface CaseGroup {
  readonly title: string;
  readonly cases: readonly ConformanceCase[];
}

export function expectedOf({ expected }: ConformanceCase, store: StoreName): string {
  return typeof expected === 'string' ? expected : expected[store];
}
