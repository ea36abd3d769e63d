// @ts-check
/** @typedef {import('./measured-program.mjs').Measured} Measured */

/**
 * Prints a job's results; the first contender is the measure of the others. Ratios are those of the same round.
 * @param {string} title @param {ReadonlyMap<string, Measured[]>} results
 */
export function printComparison(title, results) {
  const [[, base = []] = []] = results;
  const ratios = (/** @type {Measured[]} */ list, /** @type {(one: Measured) => number} */ of) =>
    list.map((one, round) => of(one) / of(base[round] ?? one));
  console.log(`\n${title}`);
  console.log(
    `${''.padEnd(18)}${'seconds'.padStart(8)}   ${'times ours'.padEnd(21)} ${'CPU s'.padStart(7)}   ${'times ours'.padEnd(21)} ${'peak MiB'.padStart(8)}`,
  );
  for (const [name, list] of results) {
    const seconds = median(list.map((one) => one.seconds));
    const cpu = median(list.map((one) => one.cpuSeconds));
    const peak = Math.max(...list.map(({ peakKiB }) => peakKiB)) / 1024;
    const [time, work] = [spread(ratios(list, (one) => one.seconds)), spread(ratios(list, (one) => one.cpuSeconds))];
    console.log(
      `${name.padEnd(18)}${seconds.toFixed(2).padStart(8)}   ${time.padEnd(21)} ${cpu.toFixed(2).padStart(7)}   ${work.padEnd(21)} ${peak.toFixed(0).padStart(8)}`,
    );
  }
  const rivals = [...results].filter(([name]) => !name.startsWith('dirac-s3'));
  if (rivals.length === 0) return;
  for (const [name, list] of results) {
    if (!name.startsWith('dirac-s3')) continue;
    const speed = list.map(({ seconds }, round) => Math.min(...rivals.map(([, them]) => them[round]?.seconds ?? Number.NaN)) / seconds);
    console.log(`${name}: ${spread(speed)} times the speed of the fastest other`);
  }
}

/** @param {readonly number[]} numbers */
function spread(numbers) {
  return `${median(numbers).toFixed(2)} (${Math.min(...numbers).toFixed(2)} to ${Math.max(...numbers).toFixed(2)})`;
}

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
