import { createHash, createHmac } from 'node:crypto';
import type { S3RequestPresignerOptions } from '@aws-sdk/s3-request-presigner';

type Key = ConstructorParameters<S3RequestPresignerOptions['sha256']>[0];

/** SHA-256, or HMAC with a key, in the shape the SDK's signer takes: all that it would need a whole S3 client for. */
export class NodeSha256 {
  readonly #key: Buffer | undefined;
  #hash: ReturnType<typeof createHash | typeof createHmac>;

  constructor(key?: Key) {
    this.#key = key === undefined ? undefined : bytesOf(key);
    this.#hash = this.#start();
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): ReturnType<typeof createHash | typeof createHmac> {
    return this.#key === undefined ? createHash('sha256') : createHmac('sha256', this.#key);
  }
}

function bytesOf(key: NonNullable<Key>): Buffer {
  if (typeof key === 'string') return Buffer.from(key);
  return ArrayBuffer.isView(key) ? Buffer.from(key.buffer, key.byteOffset, key.byteLength) : Buffer.from(key);
}
