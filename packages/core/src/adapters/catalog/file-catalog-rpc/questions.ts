import type { Lfn } from '../../../domain/index.js';
import { DiracS3Error, type Failure } from '../../../errors/index.js';
import type { DiracValue } from '../../../dirac-protocol/index.js';
import type { Registration, Verdict } from '../../../ports/index.js';
import type { Caller } from './caller.js';
import { nameFault } from './names.js';
import { bulkOf, failureOfText, outcomesOf } from './service-answers.js';

const reading = { repeatable: true };

/** The form in which names are sent: a list is refused by DISET. */
export function namesOf(lfns: Iterable<string>): DiracValue {
  return Object.fromEntries([...lfns].map((lfn) => [lfn, false]));
}

/** `hasAccess` for all names at once. Names that must not be asked for are refused; one without an answer has none here either. */
export async function askAccess(call: Caller, method: string, lfns: readonly Lfn[]): Promise<Map<Lfn, Verdict>> {
  const verdicts = new Map<Lfn, Verdict>();
  for (const lfn of lfns) {
    const reason = nameFault(lfn);
    if (reason !== undefined) verdicts.set(lfn, { allowed: false, reason });
  }
  const asked = [...new Set(lfns)].filter((lfn) => !verdicts.has(lfn));
  if (asked.length === 0) return verdicts;
  const { successful, failed } = bulkOf(await call('hasAccess', [namesOf(asked), method], reading));
  for (const lfn of asked) {
    if (Object.hasOwn(failed, lfn)) verdicts.set(lfn, { allowed: false, reason: failureOfText('the File Catalog', failed[lfn]).message });
    else if (Object.hasOwn(successful, lfn)) verdicts.set(lfn, verdictOf(successful[lfn] ?? null, method));
  }
  return verdicts;
}

/** Managers answer with a truth value, or with the bits of a mode that are left. */
function verdictOf(value: DiracValue, method: string): Verdict {
  const allowed = value === true || (typeof value === 'number' && value !== 0);
  return allowed ? { allowed } : { allowed, reason: `the File Catalog does not allow ${method}` };
}

/**
 * Three questions at the same time, whatever the number of names: replicas in any state (of a hidden file too), which files are seen, and
 * which names are directories. A name that must not be asked for cannot be in the catalog.
 */
export async function askRegistrations(call: Caller, lfns: readonly Lfn[]): Promise<Map<Lfn, Registration>> {
  const asked = [...new Set(lfns)].filter((lfn) => nameFault(lfn) === undefined);
  const registrations = new Map<Lfn, Registration>(lfns.map((lfn) => [lfn, { registered: false }]));
  if (asked.length === 0) return registrations;
  const names = namesOf(asked);
  const [replicas, metadata, directories] = await Promise.all([
    call('getReplicas', [names, true], reading),
    call('getFileMetadata', [names], reading),
    call('isDirectory', [names], reading),
  ]);
  const places = outcomesOf(asked, replicas, (value) => Object.keys(value ?? {}));
  const seen = outcomesOf(asked, metadata, () => true);
  const isDirectory = outcomesOf(asked, directories, (value) => value === true);
  for (const lfn of asked) {
    const storageElements = places.successful.get(lfn);
    for (const fault of [places.failed.get(lfn), seen.failed.get(lfn), isDirectory.failed.get(lfn)]) {
      if (fault !== undefined && fault.code !== 'no-such-file') throw unanswered(fault);
    }
    if (storageElements !== undefined) {
      registrations.set(lfn, { registered: true, what: seen.successful.has(lfn) ? 'file' : 'hidden', storageElements });
    } else if (isDirectory.successful.get(lfn) === true) {
      registrations.set(lfn, { registered: true, what: 'directory', storageElements: [] });
    }
  }
  return registrations;
}

function unanswered({ code, message }: Failure): DiracS3Error {
  const advice = code === 'permission-denied' ? ': the host of the gateway needs the property FileCatalogManagement' : '';
  return new DiracS3Error('catalog-unavailable', `${message}${advice}`);
}
