import { DiracS3Error } from '../errors/index.js';
import { isAbort, systemCodeOf } from '../http/index.js';

/** What a fault of the local file system means, said with the name the user knows. Faults of our own and aborts stay what they are. */
export function localFault(name: string, verb: 'read' | 'written', cause: unknown): Error {
  if (cause instanceof DiracS3Error) return cause;
  if (isAbort(cause)) return cause;
  const code = systemCodeOf(cause);
  if (code === 'EEXIST') return new DiracS3Error('local-file', `${name} exists already`, { cause });
  if (code === 'ENOENT') return new DiracS3Error('local-file', `${name}: no such file or directory`, { cause });
  return new DiracS3Error('local-file', `${name} cannot be ${verb} (${code})`, { cause });
}
