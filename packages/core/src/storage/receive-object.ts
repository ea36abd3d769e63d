import type { IncomingMessage } from 'node:http';
import { Adler32, sameAdler32, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { connectionError } from './http-client.js';
import { LandingFile } from './landing-file.js';
import { metadataOf } from './object-metadata.js';
import type { Download, ObjectMetadata, Progress, ReceivedFile } from './types.js';

export interface ReceiveOptions {
  /** Makes the temporary name unique. */
  readonly unique: string;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Writes the body of a GET answer to its place: summed on the way, compared with store and catalog, and only then given its name. */
export async function receiveObject(
  response: IncomingMessage,
  download: Download,
  { unique, onProgress }: ReceiveOptions,
): Promise<ReceivedFile> {
  const { lfn, path, expected = {}, overwrite = false } = download;
  let landing: LandingFile | undefined;
  try {
    const stored = metadataOf(response);
    refuseSize(lfn, { stored: stored.sizeBytes, expected: expected.sizeBytes });
    landing = await LandingFile.open(path, { overwrite, unique });
    const received = await copy(response, landing, { lfn, total: stored.sizeBytes, onProgress });
    refuseSize(lfn, { stored: received.sizeBytes, expected: stored.sizeBytes });
    const verified = compareChecksums(lfn, received.checksum, { stored, catalog: expected.checksum });
    await landing.land({ overwrite });
    return { path, ...received, verified };
  } catch (thrown) {
    response.destroy();
    await landing?.abandon();
    throw thrown;
  }
}

async function copy(
  response: IncomingMessage,
  landing: LandingFile,
  { lfn, total, onProgress }: { lfn: Lfn; total: number; onProgress: ReceiveOptions['onProgress'] },
): Promise<{ sizeBytes: number; checksum: string }> {
  const sum = new Adler32();
  let sizeBytes = 0;
  for await (const chunk of chunksOf(response, lfn)) {
    sum.update(chunk);
    await landing.write(chunk);
    sizeBytes += chunk.length;
    onProgress?.({ lfn, phase: 'transfer', doneBytes: sizeBytes, totalBytes: total });
  }
  return { sizeBytes, checksum: sum.digest() };
}

/** The body; a connection that breaks off in the middle is the store's fault, not an end. */
async function* chunksOf(response: IncomingMessage, lfn: Lfn): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (thrown) {
    throw connectionError(thrown, `the store of ${lfn}`);
  }
}

function refuseSize(lfn: Lfn, { stored, expected }: { stored: number; expected: number | undefined }): void {
  if (expected !== undefined && expected !== stored)
    throw new DiracS3Error('size-mismatch', `${lfn}: ${stored} bytes instead of ${expected}`);
}

/** True when there was something to compare with. */
function compareChecksums(
  lfn: Lfn,
  received: string,
  { stored, catalog }: { stored: ObjectMetadata; catalog: string | undefined },
): boolean {
  const claims = [
    ['the catalog', catalog === '' ? undefined : catalog],
    ['the store', stored.checksum],
  ] as const;
  for (const [who, claim] of claims) {
    if (claim !== undefined && !sameAdler32(claim, received)) {
      throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of what arrived is ${received}, ${who} says ${claim}`);
    }
  }
  return claims.some(([, claim]) => claim !== undefined);
}
