import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createTrustStore, decodePem } from '../../x509/index.js';

/** A file of the directory with a name that counts, and what it held when it was last read. */
export interface TrustFile {
  readonly kind: 'authority' | 'revocation';
  /** Changes whenever the file does, also when another one is renamed into its place. */
  readonly stamp: string;
  /** What is in force; empty when nothing of it was ever readable. */
  readonly contents: readonly Uint8Array[];
  /** Why the file as it is cannot be used. */
  readonly fault: string | undefined;
}

/** Names as `openssl rehash` and fetch-crl make them: the hash of the subject or issuer, and a number. */
const names = [
  { pattern: /^[0-9a-f]{8}\.\d+$/, kind: 'authority', label: 'CERTIFICATE', maxBytes: 1024 * 1024 },
  { pattern: /^[0-9a-f]{8}\.r\d+$/, kind: 'revocation', label: 'X509 CRL', maxBytes: 64 * 1024 * 1024 },
] as const;

type Form = (typeof names)[number];

/**
 * The files of the directory as they are now; those with an unchanged stamp are not read again. A file that cannot be used keeps what it
 * held before: a list half written is no reason to forget the last one, which goes out of date by itself.
 */
export async function readTrustFiles(path: string, before: ReadonlyMap<string, TrustFile>): Promise<Map<string, TrustFile>> {
  const files = new Map<string, TrustFile>();
  for (const name of (await readdir(path)).sort()) {
    const form = names.find(({ pattern }) => pattern.test(name));
    if (form) files.set(name, await readTrustFile(join(path, name), form, before.get(name)));
  }
  return files;
}

async function readTrustFile(path: string, form: Form, before: TrustFile | undefined): Promise<TrustFile> {
  const fallback = before?.contents ?? [];
  try {
    const facts = await stat(path);
    const stamp = stampOf(facts);
    if (stamp === before?.stamp) return before;
    const fault = factsFault(facts, form);
    if (fault !== undefined) return { kind: form.kind, stamp, contents: fallback, fault };
    return { kind: form.kind, stamp, ...examine(await readFile(path), form, fallback) };
  } catch (error) {
    return { kind: form.kind, stamp: 'unreadable', contents: fallback, fault: `it cannot be read (${codeOf(error)})` };
  }
}

function examine(bytes: Buffer, form: Form, fallback: readonly Uint8Array[]): Pick<TrustFile, 'contents' | 'fault'> {
  const decoded = bytes.includes('-----BEGIN ') ? decodePem(bytes.toString('latin1'), form.label) : [bytes];
  if (typeof decoded === 'string') return { contents: fallback, fault: decoded };
  const nothing = { authorities: [], revocations: [] };
  const store = createTrustStore(form.kind === 'authority' ? { ...nothing, authorities: decoded } : { ...nothing, revocations: decoded });
  const [unusable] = store.unusable;
  return unusable ? { contents: fallback, fault: unusable.reason } : { contents: decoded, fault: undefined };
}

/** A pipe would never end. */
function factsFault(facts: Stats, { maxBytes }: Form): string | undefined {
  if (!facts.isFile()) return 'it is no regular file';
  return facts.size > maxBytes ? `it is larger than ${maxBytes} bytes` : undefined;
}

function stampOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join();
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown fault';
}
