import type { Writable } from 'node:stream';

/** The two streams of the program: results go to standard output, everything else to standard error. */
export interface Printer {
  result(text: string): void;
  /** One line on standard error. */
  remark(text: string): void;
  /**
   * Resolves when all that was written has left the process; false when some of it could not be written. The other stream says so, but standard
   * output only where it is `readByPeople`.
   */
  flush(readByPeople: boolean): Promise<boolean>;
}

/**
 * What goes wrong with the output never ends the work: what cannot be written is dropped, and told in the end. A reader that went away (`| head`)
 * is no fault at all.
 */
export function createPrinter({ stdout, stderr }: { stdout: Writable; stderr: Writable }, program: string): Printer {
  const faults = new Map<Writable, string>();
  const note = (stream: Writable, { code, message }: NodeJS.ErrnoException): void => {
    // The first one says why; what follows it may only say that the stream has ended.
    if (code !== 'EPIPE' && !faults.has(stream)) faults.set(stream, code ?? message);
  };
  for (const stream of [stdout, stderr]) stream.on('error', (error) => note(stream, error));
  const usable = (stream: Writable): boolean => stream.writable && !faults.has(stream);
  const write = (stream: Writable, text: string): void => {
    if (text !== '' && usable(stream)) stream.write(text);
  };
  const drained = async (): Promise<void> => {
    await Promise.all([stdout, stderr].filter(usable).map(drain));
  };
  return {
    result: (text) => write(stdout, text),
    remark: (text) => write(stderr, `${program}: ${text}\n`),
    flush: async (readByPeople) => {
      await drained();
      // The event of an error comes after the stream has it.
      for (const stream of [stdout, stderr]) if (stream.errored) note(stream, stream.errored);
      for (const [stream, fault] of [...faults]) {
        const name = stream === stdout ? 'standard output' : 'standard error';
        const line = `${program}: ${name} could not be written: ${fault}\n`;
        if (stream === stdout) write(stderr, line);
        else if (readByPeople) write(stdout, line);
      }
      await drained();
      return faults.size === 0;
    },
  };
}

function drain(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
