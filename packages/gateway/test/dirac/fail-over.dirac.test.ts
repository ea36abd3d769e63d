import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stopProgram } from '../../../../scripts/world/processes.mjs';
import { elements } from '../../../../scripts/dirac/configuration.mjs';
import { closeInstallations, install, successfulOf, versions, type Client, type Installation } from './facts.js';

/** DIRAC 8 asks the second URL of a list and throws its answer away: there the gateways stand behind one TCP address. */
const isVersion8 = (version: string): boolean => version.startsWith('8.');
const callsOfEach = 30;

interface Call {
  readonly from: number;
  readonly until: number;
  readonly good: boolean;
  readonly answer: string;
}

describe.each(versions)('two gateways and DIRAC %s', (version) => {
  let installation: Installation;
  let clients: [Client, string][];

  beforeAll(async () => {
    installation = await install(version, { gateways: 2, balanced: isVersion8(version) });
    const people = ['alice', 'dave', 'carol'] as const;
    clients = await Promise.all(
      people.map(async (name) => [await installation.client(name), `/demo/user/${name[0]}/${name}/file`] as [Client, string]),
    );
  }, 120_000);
  afterAll(closeInstallations, 60_000);

  /** Every client asks one question after the other; `event` happens in the middle. Returns the calls and when it began and was over. */
  const during = async (event: () => Promise<unknown>): Promise<{ calls: Call[]; began: number; over: number }> => {
    const calls: Call[] = [];
    let happened: Promise<unknown> | undefined;
    let began = Infinity;
    const run = async ([client, lfn]: [Client, string]): Promise<void> => {
      for (let n = 0; n < callsOfEach; n += 1) {
        if (calls.length >= (clients.length * callsOfEach) / 3 && happened === undefined) {
          began = performance.now();
          happened = event();
        }
        const from = performance.now();
        const answer = await client.ask({ element: elements.plain, method: 'getURL', arguments: [lfn], options: { protocol: 'http' } });
        const good = answer.OK && JSON.stringify(successfulOf(answer)).includes('X-Amz-Signature=');
        calls.push({ from, until: performance.now(), good, answer: JSON.stringify(answer) });
      }
    };
    await Promise.all(clients.map(run));
    await happened;
    return { calls, began, over: performance.now() };
  };

  it('answers every call while both are up', async () => {
    const { calls } = await during(() => Promise.resolve());
    expect(calls.filter(({ good }) => !good)).toEqual([]);
  });

  it('serve the link of each other to the existence of a file', async () => {
    const [client, lfn] = clients[0]!;
    const s3Url = Object.values(successfulOf(await client.ask({ element: elements.plain, method: 'getURL', arguments: [lfn] })))[0];
    const links = new Set<string>();
    for (let n = 0; n < 40 && links.size < 2; n += 1) {
      const answer = await client.ask({
        through: 'gateway',
        method: 'createPresignedUrl',
        arguments: [elements.plain, 'head_object', [s3Url], 60],
      });
      links.add(new URL(String(successfulOf(answer)[String(s3Url)])).origin);
      const link = new URL(String(successfulOf(answer)[String(s3Url)]));
      for (const port of installation.probePorts) {
        link.port = String(port);
        expect((await fetch(link)).status).toBe(404);
        expect((await fetch(link, { method: 'HEAD' })).status).toBe(404);
      }
    }
    expect(links.size).toBe(2);
  });

  it.each([
    ['stopped', 0, 'SIGTERM'],
    ['killed', 1, 'SIGKILL'],
  ] as const)('one is %s in the middle of a run', async (_how, index, signal) => {
    const { child } = installation.gateways[index]!;
    let over = Infinity;
    const { calls, began } = await during(async () => {
      await stopProgram(child, signal);
      over = performance.now();
    });
    expect(child.exitCode ?? child.signalCode).not.toBeNull();
    const failed = calls.filter(({ good }) => !good);
    const after = calls.filter(({ from }) => from > over);
    expect(calls).toHaveLength(clients.length * callsOfEach);
    expect(after.length).toBeGreaterThan(clients.length * 5);
    if (isVersion8(version)) {
      // Only what was in flight when it ended.
      expect(failed.filter(({ from, until }) => from > over || until < began)).toEqual([]);
      expect(failed.length).toBeLessThanOrEqual(clients.length);
    } else {
      expect(failed).toEqual([]);
    }
    await installation.restartGateway(index);
  });
});
