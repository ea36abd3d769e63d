import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Answer } from '../support.js';
import { startRpcWorld, type RpcWorld } from '../support.js';
import { fuzzedRequest, type FuzzedRequest } from './bodies.js';
import { Connection, type RawAnswer } from './connection.js';
import { Random } from './random.js';

/** As many bodies as the issue asks for; `FUZZ_BODIES` and `FUZZ_SEED` repeat or extend a run. */
const bodies = Number(process.env.FUZZ_BODIES ?? 100_000);
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 32));
const connections = 8;

const { exchanges } = JSON.parse(readFileSync(new URL('../vectors/exchanges.json', import.meta.url), 'utf8')) as {
  exchanges: readonly { readonly request: string }[];
};
const recorded = exchanges.map(({ request }) => request);

let world: RpcWorld;
beforeAll(async () => {
  world = await startRpcWorld({
    edit: (same) => ({ ...same, gateway: { ...same.gateway, logLevel: 'error', maxBodyBytes: 100_000 } }),
    logLevel: 'error',
  });
});
afterAll(() => world.close());

/** The statuses of the original for a caller's faults; a client takes every other one from 400 for a broken gateway. */
const statuses = new Set([200, 400, 401, 404, 405, 501]);

/** What is wrong with an answer; undefined when nothing is. */
function faultOf(request: FuzzedRequest, { status, body }: RawAnswer, token: string): string | undefined {
  if (!statuses.has(status)) return `status ${status}`;
  if (status !== 200) return undefined;
  const answer = JSON.parse(body) as Answer;
  if (typeof answer.OK !== 'boolean') return 'neither S_OK nor S_ERROR';
  if (body.includes('/user/o/other/secret?X-Amz') || body.includes('"key": "dirac/user/o/other')) return 'a forbidden name was signed';
  if (/[^\x20-\x7e]/.test(body)) return 'not plain ASCII';
  if (!answer.OK)
    return typeof answer.Errno === 'number' && answer.Errno > 0 && answer.Message !== '' ? undefined : 'an S_ERROR without reason';
  if (token === '') return 'a stranger was served';
  if (request.urls === undefined) return undefined;
  const answered = [...Object.keys(answer.Value.Successful), ...Object.keys(answer.Value.Failed)];
  return String(answered.sort()) === String([...request.urls].sort()) ? undefined : 'another set of URLs was answered';
}

it(`answers ${bodies} fuzzed bodies (seed ${seed}) without a crash, a hang or a 5xx`, async () => {
  const port = Number(new URL(world.server.url).port);
  const token = await world.token();
  const counts = new Map<string, number>();
  const faults: string[] = [];
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): unknown => unhandled.push(reason);
  process.on('unhandledRejection', listen);
  const work = async (lane: number): Promise<void> => {
    const random = new Random(seed + lane);
    const connection = new Connection(port);
    for (let count = lane; count < bodies && faults.length < 10; count += connections) {
      const request = fuzzedRequest(random, recorded);
      const shown = random.chance(0.03) ? '' : token;
      const answer = await connection.ask(request, shown).catch((error: unknown) => ({ status: 0, body: String(error) }));
      const fault = answer.status === 0 ? answer.body : faultOf(request, answer, shown);
      if (fault !== undefined)
        faults.push(
          `${fault}: ${request.verb} ${request.path} ${JSON.stringify(request.headers)} ${JSON.stringify(request.body.toString('latin1').slice(0, 600))} -> ${answer.body.slice(0, 300)}`,
        );
      const kind = answer.status === 200 ? `200 ${/^\{"OK": (true|false)/.exec(answer.body)?.[1] ?? '?'}` : String(answer.status);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, lane) => work(lane)));
  process.off('unhandledRejection', listen);
  expect(faults).toEqual([]);
  expect(unhandled).toEqual([]);
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(bodies);
  // A run that only met refusals would show nothing.
  for (const kind of ['200 true', '200 false', '400', '401', '404', '405', '501'])
    expect(counts.get(kind) ?? 0).toBeGreaterThan(bodies / 2000);
  expect((await world.presign('S3-INDIRECT', 'get_object', [], 60)).OK).toBe(true);
  process.stdout.write(
    `fuzz: seed ${seed}, ${[...counts]
      .sort()
      .map(([kind, count]) => `${kind}: ${count}`)
      .join(', ')}\n`,
  );
}, 900_000);
