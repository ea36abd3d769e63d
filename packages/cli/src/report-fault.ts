import { inspect } from 'node:util';
import { DiracS3Error, redact } from '@dirac-s3/core';
import { exitCodeForError, exitCodes, UsageError, type ExitCode } from './exit-codes.js';
import { faultLine, hintsFor } from './output/fault-lines.js';
import type { Printer } from './output/printer.js';

/** Says why the whole command failed, and gives the exit code that goes with it. */
export function reportFault(fault: unknown, { printer, quiet }: { printer: Printer; quiet: boolean }): ExitCode {
  if (fault instanceof UsageError) {
    printer.remark(fault.message);
    return exitCodes.usage;
  }
  if (!(fault instanceof DiracS3Error)) {
    printer.remark(redact(`internal error: ${inspect(fault)}`));
    return exitCodes.failed;
  }
  printer.remark(faultLine(fault));
  if (!quiet) for (const hint of hintsFor([fault.code])) printer.remark(`hint: ${hint}`);
  return exitCodeForError(fault.code);
}
