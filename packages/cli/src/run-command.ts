import { setMaxListeners } from 'node:events';
import type { CommandArguments, CommandContext } from './command.js';
import { transfersDirectory, type Environment } from './environment.js';
import { diracCodeForItems } from './dirac-exit-codes.js';
import { exitCodeForItems, UsageError } from './exit-codes.js';
import { once } from './once.js';
import { faultLine, hintsFor } from './output/fault-lines.js';
import { printable } from './output/printable.js';
import type { Printer } from './output/printer.js';
import { createProgressDisplay } from './output/progress.js';
import { traceRequests } from './output/request-trace.js';
import type { CommandResult } from './output/result.js';
import type { Invocation } from './parse/command-line.js';
import type { Session } from './session.js';
import { createShellState } from './shell/shell-state.js';

export interface Surroundings {
  readonly environment: Environment;
  readonly printer: Printer;
  /** Where a progress bar goes, if it is a terminal. */
  readonly terminal: NodeJS.WriteStream;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Runs a command and prints what came of it. Throws what concerns the whole of it. */
export async function runCommand({ entry, command, args, style }: Invocation, surroundings: Surroundings): Promise<number> {
  const { printer, signal } = surroundings;
  const json = wantsJson(args);
  const verbose = args.flag('verbose') || args.flag('debug');
  if (verbose) traceRequests((line) => printer.remark(line));
  for (const word of args.ignored) printer.remark(`warning: "${printable(word)}" is one word too many, and passed over`);
  // One listener for each request that runs; the default limit is meant to find forgotten ones.
  setMaxListeners(0, signal);

  let opened: Session | undefined;
  const openSession = once(async () => {
    opened = await openSessionFor(args, surroundings.environment);
    for (const { text, grave } of opened.warnings) if (verbose || (grave && !args.flag('quiet'))) printer.remark(`warning: ${text}`);
    return opened;
  });
  const context: CommandContext = {
    style,
    openSession,
    signal,
    shell: once(() => createShellState(surroundings.environment)),
    transfersDirectory: transfersDirectory(surroundings.environment),
    now: () => new Date(),
    tell: (line) => printer.remark(line),
    transfer: transferring(args, surroundings),
  };
  try {
    const running = command.run(context, args);
    const result = await (command.readOnly ? Promise.race([running, rejectedBy(signal)]) : running);
    printResult(result, args, { printer, json });
    if (args.flag('dirac-exit-codes') && entry.diracName !== undefined) return diracCodeForItems(entry.diracName, result);
    return exitCodeForItems({ succeeded: result.succeeded, failures: result.failures.values() });
  } finally {
    opened?.close();
  }
}

async function openSessionFor(args: CommandArguments, environment: Environment): Promise<Session> {
  const { composeSession } = await import('./compose.js');
  return composeSession(
    {
      options: configurationOptions(args),
      cfgFiles: args.texts('cfg'),
      tokenFile: args.text('token-file'),
      proxyFile: args.text('proxy'),
      catalog: args.text('catalog'),
      identity: args.text('as'),
    },
    environment,
  );
}

/** DIRAC's frame: `--section` is where relative options go, `--cert` is an option of its own. */
function configurationOptions(args: CommandArguments): string[] {
  const section = args.text('section');
  const cert = args.text('cert')?.toLowerCase();
  if (section?.startsWith('/') === false) throw new UsageError('--section must be a path that starts with a slash');
  if (cert !== undefined && cert !== 'yes' && cert !== 'no') throw new UsageError('--cert must be yes or no');
  const options = args
    .texts('option')
    .map((text) => (section === undefined || text.startsWith('/') ? text : `${section.replace(/\/+$/, '')}/${text}`));
  return [...options, ...(cert === undefined ? [] : [`/DIRAC/Security/UseServerCertificate=${cert}`])];
}

/** `--json`, or `--output json`. */
function wantsJson(args: CommandArguments): boolean {
  const output = args.text('output') ?? 'text';
  if (output !== 'text' && output !== 'json') throw new UsageError('--output must be text or json');
  return args.flag('json') || output === 'json';
}

function transferring(args: CommandArguments, { terminal, signal, printer }: Surroundings): CommandContext['transfer'] {
  const parallel = parallelOf(args);
  const limitRateBytesPerSecond = parseRate(args.text('limit-rate'));
  const silent = args.flag('quiet') || wantsJson(args);
  const told = new Set<string>();
  return async (files, run, totalBytes) => {
    const display = silent ? undefined : await createProgressDisplay(terminal, { files, totalBytes });
    const onWarning = (text: string): void => {
      if (told.has(text) || args.flag('quiet')) return;
      told.add(text);
      const warning = `warning: ${printable(text)}`;
      if (display === undefined) printer.remark(warning);
      else display.say(warning);
    };
    try {
      return await run({
        signal,
        onWarning,
        ...(parallel !== undefined && { parallel }),
        ...(limitRateBytesPerSecond !== undefined && { limitRateBytesPerSecond }),
        ...(display && { onProgress: display.onProgress }),
      });
    } finally {
      display?.stop();
    }
  };
}

function parallelOf(args: CommandArguments): number | undefined {
  const parallel = args.number('parallel');
  if (parallel === undefined || (Number.isInteger(parallel) && parallel >= 1 && parallel <= 64)) return parallel;
  throw new UsageError('--parallel must be a whole number from 1 to 64');
}

/** `10M` is 10 MiB per second. */
function parseRate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits = '', unit = ''] = /^([0-9]+(?:\.[0-9]+)?)([kmg]?)$/i.exec(text) ?? [];
  const rate = Math.floor(Number(digits) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase()));
  if (digits === '' || rate < 1) throw new UsageError('--limit-rate must be a number of bytes per second, like 500k, 10M or 1.5G');
  return rate;
}

function printResult(
  { text, json, failures, hints }: CommandResult,
  args: CommandArguments,
  { printer, json: asJson }: { printer: Printer; json: boolean },
): void {
  printer.result(asJson ? `${JSON.stringify(json)}\n` : text);
  for (const [name, fault] of failures) printer.remark(faultLine(fault, name));
  if (args.flag('quiet')) return;
  const codes = [...failures.values()].map(({ code }) => code);
  for (const hint of hintsFor(codes, hints)) printer.remark(`hint: ${hint}`);
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new Error('interrupted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
