import { setImmediate } from 'node:timers/promises';
import type { Lfn, Presigned } from '../domain/index.js';
import { failureOf, type Failure } from '../errors/index.js';
import type { AuthorizedTarget, Presigner } from '../ports/index.js';
import type { StepResult } from './types.js';

/** Signatures between two turns of the event loop: a millisecond of work or two, so that other requests are not held up. */
const signaturesPerTurn = 200;

/** Third step: one signature per target; a target that cannot be signed fails alone. */
export async function signTargets(
  targets: ReadonlyMap<Lfn, AuthorizedTarget>,
  presigner: Presigner,
  now: Date,
): Promise<StepResult<Presigned>> {
  const passed = new Map<Lfn, Presigned>();
  const refused = new Map<string, Failure>();
  let signed = 0;
  for (const [lfn, target] of targets) {
    if (++signed % signaturesPerTurn === 0) await setImmediate();
    try {
      passed.set(lfn, await presigner.presign(target, now));
    } catch (thrown) {
      const { code, message } = failureOf(thrown);
      refused.set(lfn, { code, message: `${lfn}: ${message}` });
    }
  }
  return { passed, refused };
}
