import type { Lfn } from '../../../domain/index.js';
import { DiracS3Error, type Failure } from '../../../errors/index.js';
import type { DiracValue } from '../../../dirac-protocol/index.js';
import type { LookupOptions, Registration, Verdict } from '../../../ports/index.js';
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
 * Where names are registered, in any state (a hidden file too); then whether the files are seen, and whether the other names are directories:
 * three questions whatever the number of names, two where all or none are files. A brief answer is two always, for the sake of the two
 * that may follow: no method of the service tells files and directories in one. A name that must not be asked for cannot be in the catalog.
 */
export async function askRegistrations(
  call: Caller,
  lfns: readonly Lfn[],
  { brief = false }: LookupOptions = {},
): Promise<Map<Lfn, Registration>> {
  const asked = [...new Set(lfns)].filter((lfn) => nameFault(lfn) === undefined);
  const registrations = new Map<Lfn, Registration>(lfns.map((lfn) => [lfn, { registered: false }]));
  const places = await askOfHost(call, 'getReplicas', { names: asked, more: [true], read: (value) => Object.keys(value ?? {}) });
  const [files, others] = [asked.filter((lfn) => places.has(lfn)), asked.filter((lfn) => !places.has(lfn))];
  const unsettled = brief && others.length > 0;
  const [seen, areDirectories] = await Promise.all([
    askOfHost(call, 'getFileMetadata', { names: unsettled ? [] : files, read: () => true }),
    askOfHost(call, 'isDirectory', { names: others, read: (value) => value === true }),
  ]);
  for (const [lfn, storageElements] of places) {
    const what = unsettled ? 'unsettled' : seen.has(lfn) ? 'file' : 'hidden';
    registrations.set(lfn, { registered: true, what, storageElements });
  }
  for (const [lfn, isDirectory] of areDirectories) {
    if (isDirectory) registrations.set(lfn, { registered: true, what: 'directory', storageElements: [] });
  }
  return registrations;
}

/** What the service answers for the names that are there. Any other fault than that one is not there fails the whole question. */
async function askOfHost<Value>(
  call: Caller,
  method: string,
  { names, more = [], read }: { names: readonly Lfn[]; more?: readonly DiracValue[]; read: (value: DiracValue) => Value },
): Promise<ReadonlyMap<Lfn, Value>> {
  if (names.length === 0) return new Map();
  const { successful, failed } = outcomesOf(names, await call(method, [namesOf(names), ...more], reading), read);
  for (const fault of failed.values()) if (fault.code !== 'no-such-file') throw unanswered(fault);
  return successful;
}

function unanswered({ code, message }: Failure): DiracS3Error {
  const advice = code === 'permission-denied' ? ': the host of the gateway needs the property FileCatalogManagement' : '';
  return new DiracS3Error('catalog-unavailable', `${message}${advice}`);
}
