import { DiracS3Error } from '../../../errors/index.js';
import type { PermissionChecker, ReplicaLookup } from '../../../ports/index.js';

/** Answers within the time, or refuses with `timeout`; what comes later is not looked at. */
export function limitPermissionTime(checker: PermissionChecker, seconds: number): PermissionChecker {
  return { checkPermission: (question) => within(seconds, checker.checkPermission(question)) };
}

export function limitLookupTime(lookup: ReplicaLookup, seconds: number): ReplicaLookup {
  return { lookUpReplicas: (lfns, options) => within(seconds, lookup.lookUpReplicas(lfns, options)) };
}

async function within<Answer>(seconds: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DiracS3Error('timeout', `the file catalog did not answer within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
