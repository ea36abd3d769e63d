import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Answer } from '../../../../scripts/dirac/site.mjs';
import { startInstallation } from '../../../../scripts/dirac/installation.mjs';

type Facts = Parameters<typeof startInstallation>[0];
interface Given {
  readonly environments: Readonly<Record<string, { readonly python: string }>>;
  readonly store: Facts['store'] & { readonly caFile: string };
  readonly directory: string;
  readonly pki: string;
}

export type Installation = Awaited<ReturnType<typeof startInstallation>>;
export type Client = Awaited<ReturnType<Installation['client']>>;

const installations: Installation[] = [];

/** Releases every suite runs with; an environment that is missing fails in `install`. */
export const versions = ['9.0.27', '9.1.22', '8.0.86'];

/** What `npm run test:dirac` started. Without it these tests fail: they are never skipped. */
export function given(): Given {
  const file = process.env.DIRAC_S3_DIRAC;
  if (file === undefined) throw new Error('DIRAC_S3_DIRAC is not set: run these tests with `npm run test:dirac`');
  return JSON.parse(readFileSync(file, 'utf8')) as Given;
}

/** An installation of one release with our gateway, and a line that says what runs where. */
export async function install(version: string, options: Pick<Facts, 'gateways' | 'balanced'> = {}): Promise<Installation> {
  const { environments, store, directory, pki } = given();
  const python = environments[version]?.python;
  if (python === undefined) throw new Error(`there is no environment of DIRAC ${version}`);
  const place = await mkdtemp(join(directory, `dirac-${version}-`));
  const installation = await startInstallation({ version, python, directory: place, pki, store, ...options });
  installations.push(installation);
  const { configurationUrl, gateways, status } = installation;
  const urls = `Configuration/Server ${configurationUrl}, gateways ${gateways.map(({ url }) => url).join(' ')}, status stub ${status.url}`;
  const pids = Object.entries(installation.pids()).map(([name, pid]) => `${name} ${pid}`);
  process.stdout.write(`DIRAC ${version}: ${urls}; pids: ${pids.join(', ')}\n`);
  return installation;
}

/** Ends what `install` started, and sees to it that no process and no folder is left. */
export async function closeInstallations(): Promise<void> {
  for (const installation of installations.splice(0)) {
    const pids = installation.pids();
    await installation.close();
    expect(Object.entries(pids).filter(([, pid]) => isAlive(pid))).toEqual([]);
    expect(existsSync(installation.directory)).toBe(false);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The value of the one name that was asked for. */
export function valueOf(answer: Answer, name: string): unknown {
  expect(answer).toMatchObject({ OK: true, Value: { Failed: {} } });
  const successful = successfulOf(answer);
  expect(Object.keys(successful)).toEqual([name]);
  return successful[name];
}

/** The fault of the one name that was asked for. */
export function faultOf(answer: Answer, name: string): string {
  expect(answer).toMatchObject({ OK: true, Value: { Successful: {} } });
  const failed = failedOf(answer);
  expect(Object.keys(failed)).toEqual([name]);
  return String(failed[name]);
}

export function successfulOf(answer: Answer): Record<string, unknown> {
  return (answer.Value as { Successful: Record<string, unknown> }).Successful;
}

export function failedOf(answer: Answer): Record<string, unknown> {
  return (answer.Value as { Failed: Record<string, unknown> }).Failed;
}
