import { inspect } from 'node:util';
import { DiracS3Error, redact } from '@dirac-s3/core';
import { exitCodeForError, exitCodes, UsageError, type ExitCode } from './exit-codes.js';
import { faultLine, hintsFor } from './output/fault-lines.js';
import type { Printer } from './output/printer.js';

/** Says why the whole command failed, and gives the exit code that goes with it. With `--json` it is told as an object, too. */
export function reportFault(fault: unknown, { printer, quiet, json }: { printer: Printer; quiet: boolean; json: boolean }): ExitCode {
  const tell = (error: Record<string, unknown>): void => (json ? printer.result(`${JSON.stringify({ error })}\n`) : undefined);
  if (fault instanceof UsageError) {
    tell({ code: 'usage', message: fault.message });
    printer.remark(fault.message);
    return exitCodes.usage;
  }
  // Whatever reads words or names of files asks for it.
  if (fault instanceof Error && 'syscall' in fault && fault.syscall === 'uv_cwd') {
    const message = 'the current directory does not exist any more; go to another one';
    tell({ code: 'local-file', message });
    printer.remark(message);
    return exitCodes.failed;
  }
  if (!(fault instanceof DiracS3Error)) {
    tell({ code: 'internal', message: 'internal error' });
    printer.remark(redact(`internal error: ${inspect(fault)}`));
    return exitCodes.failed;
  }
  tell({ code: fault.code, message: fault.message });
  printer.remark(faultLine(fault));
  if (!quiet) for (const hint of hintsFor([fault.code])) printer.remark(`hint: ${hint}`);
  return exitCodeForError(fault.code);
}
