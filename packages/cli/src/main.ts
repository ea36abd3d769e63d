#!/usr/bin/env node
import './engine.js';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { findDiracCommand } from './command-table.js';
import { readEnvironment } from './environment.js';
import { exitCodes } from './exit-codes.js';
import { createPrinter } from './output/printer.js';
import { parseCommandLine, program, type Answer, type Invocation } from './parse/command-line.js';
import { completionWord } from './parse/completion-word.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
const printer = createPrinter({ stdout: process.stdout, stderr: process.stderr }, program);
const words = process.argv.slice(2);
const terminals = [0, 1, 2].filter(isatty);
const interruption = new AbortController();
const signals = { SIGINT: exitCodes.interrupted, SIGTERM: 143, SIGHUP: 129 } as const;
let exitCode: number = exitCodes.done;
let invocation: Invocation | undefined;
const wantsJson = /(?:^| )--(?:json|output[= ]json)(?: |$)/.test(words.join(' '));
const calledAs = findDiracCommand(basename(process.argv[1] ?? ''));

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (interruption.signal.aborted) {
      // Of one terminal that is closed both the shell and the system tell, so that means nothing more.
      if (name === 'SIGHUP') return;
      // Asked twice, it does not wait for what is being tidied up.
      end(signals[name]);
    }
    interruption.abort(new Error(`interrupted by ${name}`));
    exitCode = signals[name];
    if (invocation?.command.readOnly === false) printer.remark('stopping, so that nothing is left half done (once more to end at once)');
  });
}

/** Node.js aborts, with a core dump, where it cannot set back a terminal that is gone. The signal of that ends it instead: 129 for a shell, too. */
function end(code: number): never {
  if (terminals.some((descriptor) => !isatty(descriptor))) {
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
  process.exit(code);
}

/** DIRAC's command when the program is called by its name, through a link. */
async function parse(): Promise<Invocation | Answer> {
  if (calledAs === undefined) return parseCommandLine(words, version);
  const { parseDiracCommandLine } = await import('./parse/dirac-command-line.js');
  return parseDiracCommandLine(calledAs, words, version);
}

/** `--dirac-exit-codes` counts also where the words could not be understood. */
async function codeOf(fault: unknown, ownCode: number): Promise<number> {
  const diracName = (invocation?.entry ?? calledAs)?.diracName;
  if (diracName === undefined || !words.includes('--dirac-exit-codes')) return ownCode;
  const { diracCodeForFault } = await import('./dirac-exit-codes.js');
  return diracCodeForFault(diracName, fault);
}

async function main(): Promise<void> {
  if (calledAs === undefined && words[0] === completionWord) {
    const { completions } = await import('./complete.js');
    printer.result(await completions(words.slice(1), readEnvironment()));
    return;
  }
  const asked = await parse();
  if ('answer' in asked) {
    printer.result(asked.answer);
    return;
  }
  invocation = asked;
  const { runCommand } = await import('./run-command.js');
  const surroundings = { environment: readEnvironment(), printer, terminal: process.stderr, signal: interruption.signal };
  const code = await runCommand(asked, surroundings);
  if (!interruption.signal.aborted) exitCode = code;
}

try {
  await main();
} catch (fault) {
  if (!interruption.signal.aborted) {
    const { reportFault } = await import('./report-fault.js');
    const ownCode = reportFault(fault, {
      printer,
      quiet: invocation?.args.flag('quiet') ?? false,
      json: wantsJson,
    });
    exitCode = await codeOf(fault, ownCode);
  }
}
if (interruption.signal.aborted) printer.remark('interrupted');
if (!(await printer.flush(!wantsJson)) && exitCode === exitCodes.done) exitCode = exitCodes.failed;
end(exitCode);
