import { BulkResultBuilder, type BulkResult, type PresignRequest } from '../domain/index.js';
import type { StepResult } from './types.js';

/** Joins what the steps gave: each asked name once, in the order and spelling of the request. */
export function collectOutcomes<Value>(
  { items }: Pick<PresignRequest, 'items'>,
  signed: StepResult<Value>,
  earlier: readonly Pick<StepResult<never>, 'refused'>[],
): BulkResult<Value> {
  const outcomes = new BulkResultBuilder<Value>(items.map(({ lfn }) => lfn));
  for (const { refused } of [...earlier, signed]) for (const [name, fault] of refused) outcomes.fail(name, fault);
  for (const [lfn, presigned] of signed.passed) outcomes.succeed(lfn, presigned);
  return outcomes.build();
}
