import { Adler32, sameAdler32, type Lfn } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { LandingFile } from './landing-file.js';
import { unlimited, type RateLimit } from './rate-limit.js';
import type { Download, ObjectMetadata, ReceivedFile, TransferOptions } from './types.js';

export interface ReceiveOptions extends Pick<TransferOptions, 'onProgress' | 'signal'> {
  readonly rate: RateLimit;
  /** Makes the temporary name unique. */
  readonly unique: string;
}

/** The whole body of an object on the way to its place: summed, compared with store and catalog, and only then given its name. */
export class ArrivingObject {
  readonly #download: Download;
  readonly #options: ReceiveOptions;
  readonly #sum = new Adler32();
  #stored: ObjectMetadata | undefined;
  #landing: Promise<LandingFile> | undefined;
  #doneBytes = 0;

  constructor(download: Download, options: ReceiveOptions) {
    this.#download = download;
    this.#options = options;
  }

  /** With what the store said of the object. @throws size-mismatch when the catalog says another size */
  begin(stored: ObjectMetadata): void {
    refuseSize(this.#download.lfn, stored.sizeBytes, this.#download.expected?.sizeBytes);
    this.#stored = stored;
  }

  /** The next bytes; written when the promise has resolved. */
  async take(bytes: Buffer): Promise<void> {
    const { rate, signal, onProgress } = this.#options;
    this.#sum.update(bytes);
    const file = await this.#file();
    await file.write(bytes);
    this.#doneBytes += bytes.length;
    onProgress?.({ lfn: this.#download.lfn, phase: 'transfer', doneBytes: this.#doneBytes, totalBytes: this.#stored?.sizeBytes });
    if (rate !== unlimited) await rate.take(bytes.length, signal);
  }

  /** After the last bytes. @throws size-mismatch, checksum-mismatch, local-file */
  async end(): Promise<ReceivedFile> {
    const { lfn, path, expected = {}, overwrite = false } = this.#download;
    const [sizeBytes, checksum] = [this.#doneBytes, this.#sum.digest()];
    refuseSize(lfn, sizeBytes, this.#stored?.sizeBytes);
    const verified = compareChecksums(lfn, checksum, { 'the catalog': expected.checksum, 'the store': this.#stored?.checksum });
    await (await this.#file()).land({ overwrite });
    return { path, sizeBytes, checksum, verified };
  }

  /** Removes what is there of it. */
  async abandon(): Promise<void> {
    const landing = await this.#landing?.catch(() => undefined);
    await landing?.abandon();
  }

  #file(): Promise<LandingFile> {
    return (this.#landing ??= LandingFile.open(this.#download.path, this.#options.unique));
  }
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
