import { Adler32, sameAdler32, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { HttpAnswer } from '../http/index.js';
import { LandingFile } from './landing-file.js';
import { metadataOf } from './object-metadata.js';
import { unlimited, type RateLimit } from './rate-limit.js';
import type { Download, ReceivedFile, TransferOptions } from './types.js';

/** Chunks of the network are small; so much is written at once, while the next chunks come. */
const writeBytes = 1024 * 1024;

export interface ReceiveOptions extends Pick<TransferOptions, 'onProgress' | 'signal'> {
  readonly rate: RateLimit;
  /** Makes the temporary name unique. */
  readonly unique: string;
}

/** Writes the body of a GET answer to its place: summed on the way, compared with store and catalog, and only then given its name. */
export async function receiveObject(
  answer: HttpAnswer,
  download: Download,
  { unique, rate, signal, onProgress }: ReceiveOptions,
): Promise<ReceivedFile> {
  const { lfn, path, expected = {}, overwrite = false } = download;
  let landing: LandingFile | undefined;
  try {
    const stored = metadataOf(answer);
    refuseSize(lfn, stored.sizeBytes, expected.sizeBytes);
    landing = await LandingFile.open(path, unique);
    const received = await copy(answer, landing, async (doneBytes, bytes) => {
      onProgress?.({ lfn, phase: 'transfer', doneBytes, totalBytes: stored.sizeBytes });
      if (rate !== unlimited) await rate.take(bytes, signal);
    });
    refuseSize(lfn, received.sizeBytes, stored.sizeBytes);
    const verified = compareChecksums(lfn, received.checksum, { 'the catalog': expected.checksum, 'the store': stored.checksum });
    await landing.land({ overwrite });
    return { path, ...received, verified };
  } catch (thrown) {
    answer.destroy();
    await landing?.abandon();
    throw thrown;
  }
}

async function copy(
  answer: HttpAnswer,
  landing: LandingFile,
  onBytes: (doneBytes: number, bytes: number) => Promise<void>,
): Promise<{ sizeBytes: number; checksum: string }> {
  const sum = new Adler32();
  let sizeBytes = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let writing = Promise.resolve();
  for await (const chunk of answer.chunks()) {
    sum.update(chunk);
    held.push(chunk);
    heldBytes += chunk.length;
    sizeBytes += chunk.length;
    if (heldBytes >= writeBytes) {
      await writing;
      writing = landing.write(Buffer.concat(held));
      // Whoever waits for it gets its fault; until then a fault of the connection may come first.
      writing.catch(() => undefined);
      [held, heldBytes] = [[], 0];
    }
    await onBytes(sizeBytes, chunk.length);
  }
  await writing;
  await landing.write(Buffer.concat(held));
  return { sizeBytes, checksum: sum.digest() };
}

export function refuseSize(lfn: Lfn, actual: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== actual)
    throw new DiracS3Error('size-mismatch', `${lfn}: ${actual} bytes instead of ${expected}`);
}

/** True when there was something to compare with. */
export function compareChecksums(lfn: Lfn, received: string, claims: Readonly<Record<string, string | undefined>>): boolean {
  let verified = false;
  for (const [who, claim] of Object.entries(claims)) {
    if (claim === undefined || claim === '') continue;
    if (!sameAdler32(claim, received))
      throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of what arrived is ${received}, ${who} says ${claim}`);
    verified = true;
  }
  return verified;
}
