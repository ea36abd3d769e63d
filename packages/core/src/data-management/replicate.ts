import { sameAdler32, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error, failure, type Failure } from '../errors/index.js';
import type { FileMetadata } from '../ports/index.js';
import type { ObjectMetadata, StorageElementClient } from '../storage/types.js';
import { copyFiles, type Copied } from './copy-files.js';
import { groupByStorageElement, otherNameOf, replicaAt, requirePermission, requireRegistered } from './look-up.js';
import { Outcomes, refuseRepeats, settled } from './outcomes.js';
import { registerReplicas } from './register-replicas.js';
import type { ReplicateOptions, ReplicateOutcome } from './replicate-types.js';
import type { DataManagerDependencies, Timed } from './types.js';

/** What a replication knows about its files. */
interface Known {
  readonly metadata: ReadonlyMap<Lfn, FileMetadata>;
  /** Registered replicas: storage URL by StorageElement. */
  readonly replicas: ReadonlyMap<Lfn, ReadonlyMap<string, string>>;
}

/**
 * DIRAC's order (`DataManager.replicateAndRegister`): permission, destination, replicas, sources one after the other; the replica is
 * registered after size and checksum were read back from the destination. What can refuse does so before a byte moves, a list of protocols
 * that would forbid the registration included.
 */
export async function replicate(
  dependencies: Timed,
  lfns: readonly Lfn[],
  options: ReplicateOptions,
): Promise<BulkResult<ReplicateOutcome, Lfn>> {
  const { catalog } = dependencies;
  refuseRepeats(lfns);
  const destination = dependencies.storageElement(options.storageElement);
  destination.requireOpen('Write');
  refuseUnregistrable(dependencies, destination);
  const outcomes = new Outcomes<ReplicateOutcome>(lfns);
  await requireRegistered(catalog, outcomes);
  await requirePermission(catalog, 'addReplica', outcomes);
  const metadata = outcomes.take(outcomes.open, await settled(outcomes.open, () => catalog.getFileMetadata(outcomes.open)));
  const replicas = outcomes.take(outcomes.open, await settled(outcomes.open, () => catalog.getReplicas(outcomes.open)));
  const known: Known = { metadata, replicas };
  settleReplicated(outcomes, known, { destination, asked: options.storageElement });
  refuseSamePlace(dependencies, outcomes, { known, destination });
  refuseEmpty(outcomes, known);
  const candidates = candidatesOf(dependencies, outcomes, { known, destination, source: options.source });
  const stored = await findStored(destination, known, outcomes);
  await registerReplicas(dependencies, { destination, copied: stored, outcomes });
  await copyAndRegister(dependencies, { destination, known, candidates, options }, outcomes);
  return outcomes.build();
}

/** @throws unsupported-protocol */
export function refuseUnregistrable({ registrationProtocols }: DataManagerDependencies, { name, protocol }: StorageElementClient): void {
  if (registrationProtocols === undefined || registrationProtocols.includes(protocol)) return;
  throw new DiracS3Error(
    'unsupported-protocol',
    `${name} has the protocol ${protocol}, which RegistrationProtocols (${registrationProtocols.join(', ')}) of Operations/DataManagement ` +
      'does not hold: what is stored there could not be registered. Nothing was moved',
  );
}

/** As in DIRAC, a replica that is there is a success of no time. */
function settleReplicated(
  outcomes: Outcomes<ReplicateOutcome>,
  { metadata, replicas }: Known,
  { destination, asked }: { readonly destination: StorageElementClient; readonly asked: string },
): void {
  for (const lfn of outcomes.open) {
    const there = replicaAt(replicas.get(lfn), [asked, destination.name]);
    if (there === undefined) continue;
    const sizeBytes = metadata.get(lfn)?.sizeBytes ?? 0;
    const rest = { source: undefined, method: 'none', replicateSeconds: 0, registerSeconds: 0 } as const;
    outcomes.succeed(lfn, { storageElement: there.name, pfn: there.pfn, sizeBytes, ...rest });
  }
}

/** The object that is there already would be found, and be registered a second time. */
function refuseSamePlace(
  dependencies: DataManagerDependencies,
  outcomes: Outcomes<ReplicateOutcome>,
  { known, destination }: { readonly known: Known; readonly destination: StorageElementClient },
): void {
  for (const lfn of outcomes.open) {
    const other = otherNameOf(dependencies, destination, { lfn, replicas: known.replicas.get(lfn) });
    if (other === undefined) continue;
    outcomes.fail(lfn, failure('conflict', `${lfn}: ${destination.name} and ${other}, which has a replica, are one storage by two names`));
  }
}

function refuseEmpty(outcomes: Outcomes<ReplicateOutcome>, { metadata }: Known): void {
  for (const lfn of outcomes.open) {
    if (metadata.get(lfn)?.sizeBytes === 0) outcomes.fail(lfn, failure('size-mismatch', `${lfn}: the catalog says it has 0 bytes`));
  }
}

/** Where each file can come from, best first. */
function candidatesOf(
  { siteOf = () => undefined }: DataManagerDependencies,
  outcomes: Outcomes<ReplicateOutcome>,
  {
    known,
    destination,
    source,
  }: { readonly known: Known; readonly destination: StorageElementClient; readonly source: string | undefined },
): Map<Lfn, string[]> {
  const site = siteOf(destination.name);
  const isNear = (name: string): boolean => site !== undefined && siteOf(name) === site;
  const candidates = new Map<Lfn, string[]>();
  for (const lfn of outcomes.open) {
    const names = [...(known.replicas.get(lfn)?.keys() ?? [])];
    if (source !== undefined && !names.includes(source)) outcomes.fail(lfn, failure('no-such-file', `${lfn} has no replica at ${source}`));
    else if (names.length === 0) outcomes.fail(lfn, failure('no-such-file', `${lfn} has no replica`));
    else candidates.set(lfn, source === undefined ? names.toSorted((a, b) => Number(isNear(b)) - Number(isNear(a))) : [source]);
  }
  return candidates;
}

/** Files an earlier run stored at the destination but did not register: when they are what the catalog says, nothing has to move. */
async function findStored(
  destination: StorageElementClient,
  known: Known,
  outcomes: Outcomes<ReplicateOutcome>,
): Promise<Map<Lfn, Copied>> {
  const asked = outcomes.open;
  const there = await settled(asked, () => destination.getMetadata(asked));
  const stored = new Map<Lfn, Copied>();
  for (const lfn of asked) {
    const found = there.successful.get(lfn);
    const fault = there.failed.get(lfn);
    if (found !== undefined && differenceOf(lfn, known.metadata.get(lfn), found) === undefined && found.checksum !== undefined)
      stored.set(lfn, {
        source: undefined,
        method: 'none',
        sizeBytes: found.sizeBytes,
        pfn: destination.storageUrl(lfn),
        replicateSeconds: 0,
      });
    else if (fault !== undefined && fault.code !== 'no-such-file') outcomes.fail(lfn, fault);
  }
  return stored;
}

/** How what a store has differs from what the catalog says; undefined: not at all, as far as both know. */
export function differenceOf(lfn: Lfn, expected: FileMetadata | undefined, stored: ObjectMetadata): Failure | undefined {
  if (expected === undefined) return failure('catalog-unavailable', `${lfn}: no answer`);
  if (stored.sizeBytes !== expected.sizeBytes)
    return failure('size-mismatch', `${lfn}: ${stored.sizeBytes} bytes are stored, the catalog says ${expected.sizeBytes}`);
  const claim = expected.checksumType === 'Adler32' ? expected.checksum : '';
  if (claim !== '' && stored.checksum !== undefined && !sameAdler32(claim, stored.checksum))
    return failure('checksum-mismatch', `${lfn}: the stored Adler-32 is ${stored.checksum}, the catalog says ${claim}`);
  return undefined;
}

interface Work {
  readonly destination: StorageElementClient;
  readonly known: Known;
  readonly candidates: ReadonlyMap<Lfn, string[]>;
  readonly options: ReplicateOptions;
}

/** Tries the sources in rounds: every file from its next one, all files of a source together. */
async function copyAndRegister(
  dependencies: Timed,
  { destination, known, candidates, options }: Work,
  outcomes: Outcomes<ReplicateOutcome>,
): Promise<void> {
  const faults = new Map<Lfn, [string, Failure][]>();
  for (;;) {
    const next = outcomes.open.map((lfn) => [lfn, candidates.get(lfn)?.shift()] as const);
    for (const [lfn, name] of next) if (name === undefined) outcomes.fail(lfn, summaryOf(lfn, faults.get(lfn) ?? []));
    const rounds = groupByStorageElement(next.filter((pair): pair is [Lfn, string] => pair[1] !== undefined));
    if (rounds.size === 0) return;
    for (const [name, group] of rounds) {
      const sound = await settled(group, () => readSound(dependencies.storageElement(name), known, group));
      const going = [...sound.successful.keys()];
      const moved = await settled(going, () => {
        const files = going.map((lfn) => ({ lfn, metadata: known.metadata.get(lfn)!, stored: sound.successful.get(lfn)! }));
        return copyFiles({ source: dependencies.storageElement(name), destination, files }, { ...options, clock: dependencies.clock });
      });
      await registerReplicas(dependencies, { destination, copied: moved.successful, outcomes });
      for (const [lfn, fault] of [...sound.failed, ...moved.failed]) {
        if (fault.code === 'cancelled' || fault.code === 'local-file') outcomes.fail(lfn, fault);
        else faults.set(lfn, [...(faults.get(lfn) ?? []), [name, fault]]);
      }
    }
  }
}

/** Those whose stored file is what the catalog says; nothing else is worth copying. */
async function readSound(source: StorageElementClient, known: Known, lfns: readonly Lfn[]): Promise<BulkResult<ObjectMetadata, Lfn>> {
  source.requireOpen('Read');
  const { successful, failed } = await source.getMetadata(lfns);
  const sound = new Map<Lfn, ObjectMetadata>();
  const refused = new Map(failed);
  for (const [lfn, stored] of successful) {
    const fault = differenceOf(lfn, known.metadata.get(lfn), stored);
    if (fault === undefined) sound.set(lfn, stored);
    else refused.set(lfn, fault);
  }
  return { successful: sound, failed: refused };
}

/** The code of the first, the reasons of all. */
function summaryOf(lfn: Lfn, faults: readonly (readonly [string, Failure])[]): Failure {
  const [first] = faults;
  if (first === undefined) return failure('no-such-file', `${lfn} has no replica`);
  return failure(first[1].code, faults.map(([name, { message }]) => `from ${name}: ${message}`).join('; '));
}
