import { isDeepStrictEqual } from 'node:util';
import {
  catalogAdminProperty,
  createIdentity,
  DiracS3Error,
  parseLfn,
  type CatalogMethod,
  type Identity,
  type IdentityFacts,
  type Lfn,
} from '@dirac-s3/core';
import type { Registry } from '@dirac-s3/core/config';
import type { PermissionChecker, PermissionQuestion, Registration, ReplicaLookup, Verdict } from '@dirac-s3/core/ports';

type Catalog = PermissionChecker & ReplicaLookup;

export interface CatalogPair {
  /** The database, by our rules. */
  readonly ours: Catalog;
  /** DIRAC's service, which is the judge. */
  readonly service: Catalog;
  /** What is there, the same for both. */
  readonly names: readonly Lfn[];
  /** In whose name both are asked. */
  readonly identities: readonly Identity[];
}

export interface Comparison {
  readonly compared: number;
  /** One line per difference: who asked what, about which name, and both answers. */
  readonly differences: readonly string[];
}

/** What reading, uploading and removing ask. */
const methods: readonly CatalogMethod[] = ['getFileMetadata', 'addFile', 'addReplica', 'removeFile'];

/** Names the service is never asked about are no matter of comparison; nor is what its database would fold. */
const plainName = /^[\w./+=@:~-]+$/;

/**
 * Asks both catalogs the same, reading only: where names are registered, and what each identity may do with them and with a name beside
 * each that is not there. One question at a time, a handful per identity. What changes between two questions looks like a difference: only one
 * that stands when all is asked again counts. A name that the service has no answer for is a refusal, and no difference to one.
 *
 * @throws what keeps either of them from answering
 */
export async function compareCatalogs(pair: CatalogPair): Promise<Comparison> {
  const first = await compareOnce(pair);
  if (first.differences.length === 0) return first;
  const second = await compareOnce(pair);
  return { compared: second.compared, differences: second.differences.filter((difference) => first.differences.includes(difference)) };
}

async function compareOnce({ ours, service, names, identities }: CatalogPair): Promise<Comparison> {
  const asked = names.filter((name) => plainName.test(name));
  const lfns = [...new Set([...asked, ...asked.slice(0, 20).map((name) => parseLfn(`${name}/dirac-s3-not-there`))])];
  const differences: string[] = [];
  let compared = 0;
  if (lfns.length === 0) return { compared, differences };
  const [here, there] = [await ours.lookUpReplicas(lfns), await service.lookUpReplicas(lfns)];
  for (const lfn of lfns) {
    compared += 1;
    if (!isDeepStrictEqual(sorted(here.get(lfn)), sorted(there.get(lfn))))
      differences.push(`${lfn}: ${wordsOf(here.get(lfn))}, and by the service ${wordsOf(there.get(lfn))}`);
  }
  for (const identity of identities) {
    for (const method of methods) {
      const question = { identity, method, lfns };
      const [mine, theirs] = [await ours.checkPermission(question), await answersFor(service, question)];
      for (const lfn of lfns) {
        compared += 1;
        const [one, other] = [mine.get(lfn)?.allowed === true, theirs.get(lfn)?.allowed === true];
        const asker = `${method} of ${lfn} by ${identity.username}/${identity.group}`;
        if (one !== other)
          differences.push(`${asker}: ${one ? 'allowed' : 'refused'}, and by the service ${other ? 'allowed' : 'refused'}`);
      }
    }
  }
  return { compared, differences };
}

/** None where it answers its host before and after, and not in the name of this user: it does not know him, or not in this group. */
async function answersFor(service: Catalog, question: PermissionQuestion): Promise<ReadonlyMap<Lfn, Verdict>> {
  try {
    return await service.checkPermission(question);
  } catch (fault) {
    if (!(fault instanceof DiracS3Error)) throw fault;
    await service.lookUpReplicas(question.lfns);
    return new Map();
  }
}

function sorted(registration: Registration | undefined): unknown {
  return registration?.registered === true
    ? { ...registration, storageElements: [...registration.storageElements].sort() }
    : (registration ?? null);
}

function wordsOf(registration: Registration | undefined): string {
  if (registration === undefined) return 'unanswered';
  if (!registration.registered) return 'not registered';
  return `${registration.what} at ${[...registration.storageElements].sort().join(', ') || 'no StorageElement'}`;
}

/**
 * Whom to ask for: of each group its first and its last member who have a DN and are nowhere suspended, six at most. Administrators of the
 * catalog are allowed everything, which tells nothing. Nobody comes to harm: the questions are about permission, and the answers go into our log.
 */
export function identitiesToCompare({ users, groups }: Registry): Identity[] {
  const identities: Identity[] = [];
  for (const [group, { users: members, properties, vo }] of groups) {
    if (properties.includes(catalogAdminProperty)) continue;
    const proper = members.filter((member) => users.get(member)?.suspendedVos.length === 0 && users.get(member)?.dns[0] !== undefined);
    for (const username of new Set([...proper.slice(0, 1), ...proper.slice(-1)])) {
      const identity = identityOf({ dn: users.get(username)!.dns[0]!, username, group, vo, properties, source: 'local' });
      if (identity !== undefined) identities.push(identity);
    }
  }
  return identities.slice(0, 6);
}

/** Undefined for groups of hosts and of nobody in particular. */
function identityOf(facts: IdentityFacts): Identity | undefined {
  try {
    return createIdentity(facts);
  } catch {
    return undefined;
  }
}
