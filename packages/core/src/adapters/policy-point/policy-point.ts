import { z } from 'zod';
import type { Lfn } from '../../domain/index.js';
import { DiracS3Error } from '../../errors/index.js';
import type { PermissionChecker, Verdict } from '../../ports/index.js';

export interface PolicyPointOptions {
  /** Of the rule, as OPA's Data API has it: `http://localhost:8181/v1/data/dirac_s3/decisions`. */
  readonly url: string;
  /** For one question, until its answer is complete. */
  readonly timeoutSeconds: number;
  /** Header that proves who we are, `Bearer …`. */
  readonly authorization?: string;
}

/** A decision per name: `true`, `false`, or the reason of a refusal. What is neither is a fault, not a decision. */
const answerSchema = z.object({ result: z.record(z.string(), z.union([z.boolean(), z.string()])) });

/**
 * Asks a policy point over HTTP, in the way of the Open Policy Agent (`POST /v1/data/<rule>` with an `input`, answered by a `result`), for sites
 * whose rules are not those of DIRAC's File Catalog. An example of what an adapter of {@link PermissionChecker} needs: one bulk question, every
 * fault thrown, and no answer for a name that was not decided.
 */
export function createPolicyPoint({ url, timeoutSeconds, authorization }: PolicyPointOptions): PermissionChecker {
  return {
    async checkPermission({ identity, method, lfns }) {
      if (lfns.length === 0) return new Map();
      const { username, group, vo, properties } = identity;
      const input = { username, group, vo, properties, method, lfns };
      const answer = answerSchema.safeParse(await ask(JSON.stringify({ input })));
      if (!answer.success) throw new DiracS3Error('catalog-unavailable', 'the policy point gave no decision');
      const { result } = answer.data;
      const decided = new Set(lfns.filter((lfn) => Object.hasOwn(result, lfn)));
      return new Map([...decided].map((lfn): [Lfn, Verdict] => [lfn, verdictOf(result[lfn])]));
    },
  };

  async function ask(body: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    try {
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      if (answer.status !== 200) throw new DiracS3Error('catalog-unavailable', `the policy point answered ${answer.status}`);
      return await answer.json();
    } catch (thrown) {
      if (thrown instanceof DiracS3Error) throw thrown;
      if (signal.aborted) {
        throw new DiracS3Error('timeout', `the policy point did not answer within ${timeoutSeconds} s`);
      }
      throw new DiracS3Error('catalog-unavailable', 'the policy point cannot be asked, or its answer is not JSON', { cause: thrown });
    }
  }
}

function verdictOf(decision: boolean | string | undefined): Verdict {
  if (decision === true) return { allowed: true };
  return {
    allowed: false,
    reason: typeof decision === 'string' && decision !== '' ? decision : 'the policy of the site does not allow it',
  };
}
