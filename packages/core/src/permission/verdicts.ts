import type { Verdict } from '../ports/index.js';
import type { Right } from './types.js';

export const allowed: Verdict = Object.freeze({ allowed: true });

export function refused(reason: string): Verdict {
  return { allowed: false, reason };
}

export function verdict(granted: boolean, right: Right, deciding: string): Verdict {
  return granted ? allowed : refused(`this needs ${right} on ${deciding}`);
}

/** The answer for one name of a bulk question. Silence is a refusal: a name nobody answered for was not granted. */
export function verdictFor<Name extends string>(answers: ReadonlyMap<Name, Verdict>, name: Name): Verdict {
  return answers.get(name) ?? refused('the catalog did not answer for this name');
}
