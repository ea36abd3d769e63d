import type { Lfn } from '../../../domain/index.js';
import type { PermissionChecker, Verdict } from '../../../ports/index.js';
import { prefixOf } from './permission-cache.js';

type Answers = Promise<ReadonlyMap<Lfn, Verdict>>;

/** Asks once for what several want to know at the same time; an error of that one question is an error for all of them. */
export function sharePermissionQuestions(checker: PermissionChecker): PermissionChecker {
  const flying = new Map<string, Answers>();
  return {
    async checkPermission(question) {
      const prefix = prefixOf(question.identity, question.method);
      const lfns = [...new Set(question.lfns)];
      const open = lfns.filter((lfn) => !flying.has(prefix + lfn));
      const waiting = new Map(lfns.map((lfn) => [lfn, flying.get(prefix + lfn)]));
      let own: Answers = Promise.resolve(new Map());
      if (open.length > 0) {
        own = checker.checkPermission({ ...question, lfns: open });
        for (const lfn of open) flying.set(prefix + lfn, own);
        const landed = (): void => open.forEach((lfn) => flying.delete(prefix + lfn));
        own.then(landed, landed);
      }
      const [mine] = await Promise.all([own, ...new Set(waiting.values())]);
      const answers = new Map<Lfn, Verdict>();
      for (const [lfn, other] of waiting) {
        const verdict = (other === undefined ? mine : await other).get(lfn);
        if (verdict !== undefined) answers.set(lfn, verdict);
      }
      return answers;
    },
  };
}
