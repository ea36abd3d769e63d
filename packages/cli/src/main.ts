#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { findDiracCommand } from './command-table.js';
import { readEnvironment } from './environment.js';
import { exitCodes } from './exit-codes.js';
import { createPrinter } from './output/printer.js';
import { parseCommandLine, program, type Invocation } from './parse/command-line.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const printer = createPrinter({ stdout: process.stdout, stderr: process.stderr }, program);
const words = process.argv.slice(2);
const interruption = new AbortController();
const signals = { SIGINT: exitCodes.interrupted, SIGTERM: 143 } as const;
let exitCode: number = exitCodes.done;
let invocation: Invocation | undefined;

for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // Asked twice, it does not wait for what is being tidied up.
    if (interruption.signal.aborted) process.exit(signals[name]);
    interruption.abort(new Error(`interrupted by ${name}`));
    exitCode = signals[name];
    if (invocation?.command.readOnly === false) printer.remark('stopping, so that nothing is left half done (once more to end at once)');
  });
}

/** DIRAC's command when the program is called by its name, through a link. */
async function parse(words: readonly string[]): Promise<Invocation | undefined> {
  const diracCommand = findDiracCommand(basename(process.argv[1] ?? ''));
  if (diracCommand === undefined) return parseCommandLine(words, version);
  const { parseDiracCommandLine } = await import('./parse/dirac-command-line.js');
  return parseDiracCommandLine(diracCommand, words, version);
}

try {
  invocation = await parse(words);
  if (invocation !== undefined) {
    const { runCommand } = await import('./run-command.js');
    const surroundings = { environment: readEnvironment(), printer, terminal: process.stderr, signal: interruption.signal };
    const code = await runCommand(invocation, surroundings);
    if (!interruption.signal.aborted) exitCode = code;
  }
} catch (fault) {
  if (!interruption.signal.aborted) {
    const { reportFault } = await import('./report-fault.js');
    exitCode = reportFault(fault, {
      printer,
      quiet: invocation?.args.flag('quiet') ?? false,
      json: invocation?.args.flag('json') ?? words.includes('--json'),
    });
  }
}
if (interruption.signal.aborted) printer.remark('interrupted');
await printer.flush();
process.exit(exitCode);
