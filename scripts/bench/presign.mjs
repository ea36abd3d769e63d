// @ts-check
/**
 * Presigned URLs per second: the whole use case, the bare presigner, the SDK's `getSignedUrl` and boto3, in one run,
 * interleaved round by round so that a busy machine is unfair to all alike. Ratios count, not the absolute numbers.
 *
 *     npm run build && node scripts/bench/presign.mjs [--rounds 9] [--count 2000]
 */
import { parseArgs } from 'node:util';
import { startBoto3 } from './boto3.mjs';
import { javascriptContenders } from './presign-contenders.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' }, count: { type: 'string', default: '2000' } } });
const rounds = Number(values.rounds);
const count = Number(values.count);

const boto3 = await startBoto3();
if (typeof boto3 === 'string') console.log(`boto3: absent (${boto3})`);
/** @type {import('./presign-contenders.mjs').Contender[]} */
const contenders = [
  ...javascriptContenders(),
  ...(typeof boto3 === 'string'
    ? []
    : [
        {
          name: 'boto3 generate_presigned_url',
          kind: /** @type {const} */ ('GET URL'),
          run: (/** @type {number} */ n) => boto3.time('url', n),
        },
        {
          name: 'boto3 generate_presigned_post',
          kind: /** @type {const} */ ('POST form'),
          run: (/** @type {number} */ n) => boto3.time('post', n),
        },
      ]),
];

/** Seconds per round, by contender. @type {Map<string, number[]>} */
const seconds = new Map(contenders.map(({ name }) => [name, []]));
for (const { run } of contenders) await run(count);
for (let round = 0; round < rounds; round++) {
  // Another one begins each round: whoever comes first meets a colder machine.
  for (let turn = 0; turn < contenders.length; turn++) {
    const contender = contenders[(round + turn) % contenders.length];
    if (contender !== undefined) seconds.get(contender.name)?.push(await contender.run(count));
  }
}
if (typeof boto3 !== 'string') boto3.stop();

console.log(`Node ${process.version}, ${rounds} rounds of ${count}, one core each; median (range)`);
for (const kind of /** @type {const} */ (['GET URL', 'POST form'])) {
  const rows = contenders.filter((contender) => contender.kind === kind);
  const reference = rows.at(-1)?.name ?? '';
  console.log(`\n${kind.padEnd(34)} ${'per second'.padStart(10)} ${'µs each'.padStart(8)}   times ${reference}`);
  for (const { name } of rows) {
    const own = seconds.get(name) ?? [];
    const ratios = own.map((one, round) => (seconds.get(reference)?.[round] ?? NaN) / one);
    const typical = median(own);
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map((one) => one.toFixed(1));
    console.log(
      `${name.padEnd(34)} ${Math.round(count / typical)
        .toLocaleString('en')
        .padStart(10)} ${((typical / count) * 1e6).toFixed(1).padStart(8)}   ${median(ratios).toFixed(1)} (${low} to ${high})`,
    );
  }
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
