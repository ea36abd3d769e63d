import { DiracS3Error } from '../errors/index.js';
import { statOf } from '../local-files/index.js';

/** Size of a local file in bytes; anything but a readable regular file is `local-file`. */
export async function sizeOfRegularFile(path: string): Promise<number> {
  const facts = await statOf(path).catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown fault';
    throw new DiracS3Error('local-file', code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${code})`, { cause });
  });
  if (!facts.isFile()) throw new DiracS3Error('local-file', `${path} is not a regular file`);
  return facts.size;
}
