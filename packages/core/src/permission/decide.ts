import { isCatalogAdmin, readMethods, writeMethods, type LfnDirectory } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { Verdict } from '../ports/index.js';
import { decideByDirectory, decideByDirectoryWithDelete, decideFully, type RightQuestion } from './posix-managers.js';
import { allowed } from './verdicts.js';
import { decideByVoms } from './voms-manager.js';
import type { CallerQuestion, Decision, PathQuestion, PermissionFacts, PermissionRules, QuestionError, Right } from './types.js';

const reading: ReadonlySet<string> = new Set(readMethods);
const writing: ReadonlySet<string> = new Set(writeMethods);

/**
 * What DIRAC's configured security manager answers to one caller, method and path, in DIRAC's own order: the
 * administrator first, then the vocabulary, then GlobalReadAccess, then owner, group and mode. Pure: no lookup, no memory.
 * Names are compared, never numbers, so an unknown user or group matches no owner and nothing is inserted for it.
 */
export function decide(rules: PermissionRules, facts: PermissionFacts, question: CallerQuestion, path: LfnDirectory): Decision {
  if (isCatalogAdmin(question)) return allowed;
  const asked = { rules, facts, question, path };
  switch (rules.securityManager) {
    case 'NoSecurityManager':
      return allowed;
    case 'DirectorySecurityManager':
      return decideRight(asked, decideByDirectory);
    case 'DirectorySecurityManagerWithDelete':
      return decideRight(asked, decideByDirectoryWithDelete);
    case 'FullSecurityManager':
      return decideRight(asked, decideFully);
    case 'VOMSSecurityManager':
      return decideOperation(asked);
  }
}

/** Decides for every path, each exactly once and for itself; throws `unsupported-operation` for a method DIRAC refuses as a whole. */
export function decideAll<Path extends LfnDirectory>(
  rules: PermissionRules,
  facts: PermissionFacts,
  asked: { readonly question: CallerQuestion; readonly paths: Iterable<Path> },
): Map<Path, Verdict> {
  const verdicts = new Map<Path, Verdict>();
  for (const path of asked.paths) {
    const decision = decide(rules, facts, asked.question, path);
    if ('error' in decision) throw new DiracS3Error('unsupported-operation', decision.error);
    verdicts.set(path, decision);
  }
  return verdicts;
}

function decideOperation(asked: PathQuestion): Decision {
  const { method } = asked.question;
  if (!reading.has(method) && !writing.has(method)) return { error: `Operation type not known ${method}` };
  return asked.rules.globalReadAccess && reading.has(method) ? allowed : decideByVoms(asked);
}

function decideRight(asked: PathQuestion, manager: (asked: RightQuestion) => Verdict): Decision {
  const right = rightFor(asked);
  return typeof right === 'string' ? manager({ ...asked, right }) : right;
}

/** The word DIRAC maps a method to; its check of the word ignores case, the lookup that follows does not. */
function rightFor({ rules, question: { method } }: PathQuestion): Right | Decision {
  const word = reading.has(method) ? 'Read' : writing.has(method) ? 'Write' : method;
  const lower = word.toLowerCase();
  if (!['read', 'write', 'execute'].includes(lower)) return unknownOperation;
  if (rules.globalReadAccess && lower === 'read') return allowed;
  if (word === 'Read' || word === 'Write' || word === 'Execute') return word;
  return { error: `the permission "${word}" must be spelled Read, Write or Execute` };
}

const unknownOperation: QuestionError = { error: 'Operation type not known' };
