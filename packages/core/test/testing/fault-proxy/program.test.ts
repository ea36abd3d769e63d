import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const program = fileURLToPath(new URL('../../../dist/testing/fault-proxy/main.js', import.meta.url));

describe('the fault proxy as a program', () => {
  let store: Server;
  let child: ChildProcess | undefined;
  let lines: Interface;

  beforeEach(async () => {
    store = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    store.closeAllConnections();
    store.close();
  });

  async function start(...args: string[]): Promise<Record<string, string>> {
    const origin = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;
    child = spawn(process.execPath, [program, '--store', origin, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    lines = createInterface({ input: child.stdout! });
    const [line] = (await once(lines, 'line')) as [string];
    return JSON.parse(line) as Record<string, string>;
  }

  it('prints where it is, its seed, and a line for each request that is over', async () => {
    const { origin = '', seed } = await start('--seed', 'a seed', '--rate', '1', '--max-faults', '1', '--kind', 'answer');
    expect(seed).toBe('a seed');
    const logged = once(lines, 'line');
    expect((await fetch(`${origin}/b/k?X-Amz-Signature=secret`)).status).toBeGreaterThan(400);
    const [line] = (await logged) as [string];
    expect(JSON.parse(line)).toMatchObject({ number: 1, method: 'GET', path: '/b/k', fault: { kind: 'answer' } });
    expect(line).not.toContain('secret');
    expect(await (await fetch(`${origin}/b/k`)).text()).toBe('hello');
  });

  it('makes up a seed of its own, another each time', async () => {
    const { seed } = await start();
    child?.kill('SIGKILL');
    expect((await start()).seed).not.toBe(seed);
  });

  it('ends when whoever started it is gone', async () => {
    await start();
    child?.stdin?.end();
    expect(await once(child!, 'exit')).toEqual([0, null]);
  });

  it.each([
    [[], '--store is missing'],
    [['--store', 'http://127.0.0.1:1', '--kind', 'flood'], '--kind flood is none of'],
  ])('says what is wrong with %j', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
  });
});
