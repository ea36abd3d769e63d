import { isSamePlace, isWithin, s3Methods, type Access, type CatalogMethod, type Identity, type Lfn } from '../domain/index.js';
import { DiracS3Error, failure, type Failure } from '../errors/index.js';
import { outsideCredential } from '../permission/index.js';
import type { AuthorizedTarget, Registration, TargetFacts } from '../ports/index.js';
import { authorizedTarget } from './authorized-target.js';
import type { PresignDependencies, StepResult } from './types.js';

export type AuthorizeDependencies = Pick<PresignDependencies, 'permissions' | 'replicas' | 'registry' | 'policies'>;

/** Says why a name is refused, or undefined when the catalog permitted it. */
type Judge = (lfn: Lfn) => Failure | undefined;

interface Question {
  readonly identity: Identity;
  readonly lfns: readonly Lfn[];
  readonly target: TargetFacts;
}

/**
 * Second step: asks the catalog in bulk, one call for reading and at most three for writing or removing, whatever the
 * number of names. Only what was permitted in so many words passes; an error of the catalog fails the request.
 */
export async function authorizeTargets(
  targets: ReadonlyMap<Lfn, TargetFacts>,
  identity: Identity,
  deps: AuthorizeDependencies,
): Promise<StepResult<AuthorizedTarget>> {
  const passed = new Map<Lfn, AuthorizedTarget>();
  const refused = new Map<string, Failure>();
  const [target] = targets.values();
  if (target === undefined) return { passed, refused };
  const { access, copies } = s3Methods[target.method];
  const judged = await judgeAll(targets, { identity, access, target }, deps);
  // Of a copy both must hold: writing where it goes, and reading what is copied.
  const read = copies ? await judgeAll(targets, { identity, access: 'read', target }, deps) : undefined;
  for (const [lfn, facts] of targets) {
    const refusal = judged(lfn) ?? read?.(lfn);
    if (refusal === undefined) passed.set(lfn, authorizedTarget(facts));
    else refused.set(lfn, refusal);
  }
  return { passed, refused };
}

/** For targets that may be written as far as is known already: may what they copy be read? */
export async function authorizeReading(
  targets: ReadonlyMap<Lfn, TargetFacts>,
  identity: Identity,
  deps: AuthorizeDependencies,
): Promise<StepResult<AuthorizedTarget>> {
  const [target] = targets.values();
  const judge = target === undefined ? undefined : await judgeAll(targets, { identity, access: 'read', target }, deps);
  const refused = new Map<string, Failure>();
  const passed = new Map<Lfn, AuthorizedTarget>();
  for (const [lfn, facts] of targets) {
    const refusal = judge?.(lfn);
    if (refusal === undefined) passed.set(lfn, authorizedTarget(facts));
    else refused.set(lfn, refusal);
  }
  return { passed, refused };
}

async function judgeAll(
  targets: ReadonlyMap<Lfn, TargetFacts>,
  { identity, access, target }: Omit<Question, 'lfns'> & { readonly access: Access },
  deps: AuthorizeDependencies,
): Promise<Judge> {
  const isLeft = (lfn: Lfn): boolean => isWithin(identity.restrictions, access, lfn);
  const lfns = [...targets.keys()].filter(isLeft);
  const judge = lfns.length === 0 ? undefined : await judges[access]({ identity, lfns, target }, deps);
  return (lfn) => (judge !== undefined && isLeft(lfn) ? judge(lfn) : outsideCredential(lfn, access));
}

const judges: Readonly<Record<Access, (question: Question, deps: AuthorizeDependencies) => Promise<Judge>>> = {
  read: (question, deps) => askCatalog('getFileMetadata', question, deps),
  write: judgeWriting,
  remove: judgeRemoving,
};

/**
 * A stored replica is never overwritten: what is registered at this SE is refused, a file registered elsewhere is
 * judged as a new replica, everything else as a new file. DIRAC asks addFile for all and so lets owners overwrite.
 *
 * addReplica is asked of files that are seen and of nothing else: of a directory or a hidden file some managers say yes
 * to everybody. Those are refused, and whoever may not add a file there is not told why.
 */
async function judgeWriting(question: Question, deps: AuthorizeDependencies): Promise<Judge> {
  if (deps.policies.putRegistered === 'as-dirac') return askCatalog('addFile', question, deps);
  const { lfns, target } = question;
  const registrations = await answerOf(deps.replicas.lookUpReplicas(lfns, { brief: true }));
  const isHere = isStorageOf(target, deps);
  const isFile = (lfn: Lfn): boolean => kindOf(registrations.get(lfn)) === 'file';
  const [files, others] = [lfns.filter(isFile), lfns.filter((lfn) => !isFile(lfn))];
  // Where none of the others can pass, why they do not is not worth a question of its own beside that about the files.
  const nobodyCan = files.length > 0 && others.every((lfn) => registrations.get(lfn)?.registered === true);
  const [newFile, newReplica] = await Promise.all([
    nobodyCan ? neverStored : askCatalog('addFile', { ...question, lfns: others }, deps),
    askCatalog('addReplica', { ...question, lfns: files }, deps),
  ]);
  return (lfn) => {
    const registration = registrations.get(lfn);
    if (registration === undefined) return unanswered(lfn, 'its replicas');
    const denied = isFile(lfn) ? newReplica(lfn) : newFile(lfn);
    if (denied !== undefined || !registration.registered) return denied;
    if (registration.what === 'directory') return failure('file-exists', `${lfn}: a directory is registered under this name`);
    const at = registration.storageElements.find(isHere);
    if (at !== undefined) return failure('file-exists', `${lfn}: a replica is registered at ${at}`);
    if (registration.what === 'unsettled')
      return failure('file-exists', `${lfn}: a file is registered under this name; ask for a new replica of it apart from new names`);
    return registration.what === 'file'
      ? undefined
      : failure('file-exists', `${lfn}: a file is registered under this name, in a hidden state`);
  };
}

const neverStored: Judge = (lfn) => failure('permission-denied', `${lfn}: nothing may be stored under this name`);

function kindOf(registration: Registration | undefined): Extract<Registration, { registered: true }>['what'] | undefined {
  return registration?.registered === true ? registration.what : undefined;
}

/**
 * Of a name the catalog does not know, DIRAC's managers let anybody remove the replicas, although an object that is
 * being uploaded is not yet registered. addFile asks for Write on the nearest existing ancestor under every manager.
 */
async function judgeRemoving(question: Question, deps: AuthorizeDependencies): Promise<Judge> {
  if (deps.policies.deleteUnregistered === 'as-dirac') return askCatalog('removeFile', question, deps);
  const [remove, write] = await Promise.all([askCatalog('removeFile', question, deps), askCatalog('addFile', question, deps)]);
  return (lfn) => remove(lfn) ?? write(lfn);
}

async function askCatalog(method: CatalogMethod, { identity, lfns }: Question, { permissions }: AuthorizeDependencies): Promise<Judge> {
  if (lfns.length === 0) return (lfn) => unanswered(lfn, method);
  const verdicts = await answerOf(permissions.checkPermission({ identity, method, lfns }));
  return (lfn) => {
    const verdict = verdicts.get(lfn);
    if (verdict === undefined) return unanswered(lfn, method);
    return verdict.allowed ? undefined : failure('permission-denied', `${lfn}: ${verdict.reason}`);
  };
}

function unanswered(lfn: Lfn, question: string): Failure {
  return failure('catalog-unavailable', `${lfn}: the File Catalog gave no answer about ${question}`);
}

async function answerOf<Answer>(question: Promise<Answer>): Promise<Answer> {
  try {
    return await question;
  } catch (thrown) {
    if (thrown instanceof DiracS3Error) throw thrown;
    throw new DiracS3Error('catalog-unavailable', 'the File Catalog could not answer', { cause: thrown });
  }
}

/**
 * Is a registered name that of the bucket an object would be written to? Every configured name of the same bucket at the same endpoint is:
 * a replica registered under an alias is as stored as any.
 */
function isStorageOf({ storageElement, bucket }: TargetFacts, { registry }: AuthorizeDependencies): (name: string) => boolean {
  return (name) => {
    if (name === storageElement.name) return true;
    const element = registry.find(name);
    if (element === undefined || !isSamePlace(element, storageElement)) return false;
    return element.bucket === bucket || [...element.voBuckets.values()].includes(bucket);
  };
}
