import { failureOf } from '../../../errors/index.js';
import type { Clock, Metrics, PermissionChecker, ReplicaLookup } from '../../../ports/index.js';

export interface Measuring {
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** Tells how long each question took, about how many names, and how it ended. */
export function measurePermissions(checker: PermissionChecker, measuring: Measuring): PermissionChecker {
  return {
    checkPermission: (question) =>
      measured({ ...measuring, question: 'checkPermission', names: question.lfns.length }, () => checker.checkPermission(question)),
  };
}

export function measureLookups(lookup: ReplicaLookup, measuring: Measuring): ReplicaLookup {
  return {
    lookUpReplicas: (lfns, options) =>
      measured({ ...measuring, question: 'lookUpReplicas', names: lfns.length }, () => lookup.lookUpReplicas(lfns, options)),
  };
}

async function measured<Answer>(
  { metrics, clock, question, names }: Measuring & { readonly question: string; readonly names: number },
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const start = clock.now().getTime();
  const seconds = (): number => (clock.now().getTime() - start) / 1000;
  try {
    const answer = await ask();
    metrics.questionAnswered({ question, names, outcome: 'ok', seconds: seconds() });
    return answer;
  } catch (thrown) {
    metrics.questionAnswered({ question, names, outcome: failureOf(thrown).code, seconds: seconds() });
    throw thrown;
  }
}
