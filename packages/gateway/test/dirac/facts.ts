import { existsSync } from 'node:fs';
import { expect } from '@jest/globals';
import { isAlive, placeFor } from '../../../../scripts/dirac/facts.mjs';
import { startInstallation } from '../../../../scripts/dirac/installation.mjs';
import type { Answer } from '../../../../scripts/dirac/site.mjs';

type Facts = Parameters<typeof startInstallation>[0];
export type Installation = Awaited<ReturnType<typeof startInstallation>>;
export type Client = Awaited<ReturnType<Installation['client']>>;

/** Releases every suite runs with; an environment that is missing fails in `install`. */
export const versions = ['9.0.27', '9.1.22', '8.0.86'];

const installations: Installation[] = [];

/** An installation of one release with our gateway, and a line that says what runs where. */
export async function install(
  version: string,
  options: Pick<Facts, 'gateways' | 'balanced' | 'refreshSeconds' | 'database'> = {},
): Promise<Installation> {
  const installation = await startInstallation({ ...(await placeFor(version)), ...options });
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
