import type { Writable } from 'node:stream';

/** The two streams of the program: results go to standard output, everything else to standard error. */
export interface Printer {
  result(text: string): void;
  /** One line on standard error. */
  remark(text: string): void;
  /** Resolves when all that was written has left the process. */
  flush(): Promise<void>;
}

/** A reader that went away (`| head`) is no fault: what it does not want is dropped, the work goes on. */
export function createPrinter({ stdout, stderr }: { stdout: Writable; stderr: Writable }, program: string): Printer {
  for (const stream of [stdout, stderr]) {
    if (stream.listenerCount('error') > 0) continue;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const write = (stream: Writable, text: string): void => {
    if (text !== '' && stream.writable) stream.write(text);
  };
  return {
    result: (text) => write(stdout, text),
    remark: (text) => write(stderr, `${program}: ${text}\n`),
    flush: async () => {
      await Promise.all([stdout, stderr].map(drained));
    },
  };
}

function drained(stream: Writable): Promise<void> {
  if (!stream.writable) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
