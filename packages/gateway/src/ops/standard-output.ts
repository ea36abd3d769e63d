import { writeSync } from 'node:fs';
import { systemCodeOf } from '@dirac-s3/core';
import type { DestinationStream } from 'pino';

const descriptor = 1;
/** Milliseconds until a full pipe is tried again. */
const pauseMs = 1;

/**
 * Standard output for whole lines: what is given is written when `write` returns, so that no line is lost when the process ends. Throws what
 * the system says, `EPIPE` when nobody reads any more. A full pipe is waited for in short steps: the destination of pino would sleep a tenth
 * of a second, and the audit lines of one large request are more than a pipe holds.
 */
export function standardOutput(): DestinationStream {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    write(lines) {
      for (let rest = Buffer.from(lines); rest.length > 0;) {
        try {
          rest = rest.subarray(writeSync(descriptor, rest));
        } catch (fault) {
          if (systemCodeOf(fault) !== 'EAGAIN') throw fault;
          Atomics.wait(never, 0, 0, pauseMs);
        }
      }
    },
  };
}

/** The same for lines that may be lost when nobody reads them. */
export function ignoringBrokenPipe(destination: DestinationStream): DestinationStream {
  return {
    write(lines) {
      try {
        destination.write(lines);
      } catch (fault) {
        if (systemCodeOf(fault) !== 'EPIPE') throw fault;
      }
    },
  };
}
