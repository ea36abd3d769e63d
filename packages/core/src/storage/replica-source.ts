import { Adler32, maxUploadBytes, sameAdler32 } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { ReplicaSource } from './types.js';

/**
 * A source that is read while it is sent. As with a file, the last chunk is handed on only after the sum of everything was compared: what
 * differs from the catalog never becomes a complete request.
 */
export function replicaSource(
  replica: ReplicaSource,
  { mostBytes = maxUploadBytes }: { readonly mostBytes?: number | undefined } = {},
): ReplicaSource & { close(): Promise<void> } {
  const { sizeBytes, checksum } = replica;
  if (sizeBytes > mostBytes)
    throw new DiracS3Error(
      'unsupported-operation',
      `${sizeBytes} bytes cannot be streamed: one request carries at most ${maxUploadBytes} (5 GiB), and there are no uploads in parts here`,
    );
  return { sizeBytes, checksum, chunks: () => checkedChunks(replica), close: () => Promise.resolve() };
}

async function* checkedChunks(replica: ReplicaSource): AsyncGenerator<Buffer, void> {
  const { sizeBytes, checksum } = replica;
  const sum = new Adler32();
  let arrived = 0;
  let held: Buffer | undefined;
  for await (const chunk of replica.chunks()) {
    sum.update(chunk);
    arrived += chunk.length;
    if (arrived > sizeBytes) throw new DiracS3Error('size-mismatch', `more than the ${sizeBytes} bytes came that the catalog knows`);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (arrived < sizeBytes) throw new DiracS3Error('size-mismatch', `${arrived} bytes came instead of ${sizeBytes}`);
  if (!sameAdler32(sum.digest(), checksum))
    throw new DiracS3Error('checksum-mismatch', `the Adler-32 of what came is ${sum.digest()}, not ${checksum}`);
  if (held !== undefined) yield held;
}
