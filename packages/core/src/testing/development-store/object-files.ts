import { createHash, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** What the store knows of an object beside its bytes. */
export interface ObjectRecord {
  readonly key: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
  readonly acl: 'private' | 'public-read';
  /** Lower-case names: content-type and the like, and x-amz-meta-*. */
  readonly headers: Readonly<Record<string, string>>;
  /** The upload it was completed from, so that completing again is answered as before. */
  readonly uploadId?: string;
}

type StoredRecord = ObjectRecord & { readonly data: string };

/**
 * Objects as files: per object a small record named by the SHA-256 of its key, which points to a file of bytes with a random name.
 * No key ever becomes a path, so none can leave the directory or be too long. The rename of the record is the moment an object
 * appears; it happens in one turn of the event loop together with the caller's precondition, so no other request comes between.
 */
export class ObjectFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  buckets(): string[] {
    return readdirSync(this.#directory).sort();
  }

  hasBucket(bucket: string): boolean {
    return isBucketName(bucket) && existsSync(join(this.#directory, bucket, 'objects'));
  }

  /** @throws Error for a name that is none, whatever checks are off: it would become a path. */
  createBucket(bucket: string): void {
    if (!isBucketName(bucket)) throw new Error(`'${bucket}' is no bucket name.`);
    for (const part of ['data', 'objects']) mkdirSync(join(this.#directory, bucket, part), { recursive: true });
  }

  removeBucket(bucket: string): void {
    rmSync(join(this.#directory, bucket), { recursive: true });
  }

  /** Takes the file at `path` over. @param allow may throw; sees the object that would be replaced. */
  put(bucket: string, record: ObjectRecord, { path, allow }: { path: string; allow?: (replaced: ObjectRecord | undefined) => void }): void {
    const replaced = this.#read(bucket, record.key);
    try {
      allow?.(replaced);
    } catch (error) {
      rmSync(path);
      throw error;
    }
    const data = randomUUID();
    renameSync(path, this.#dataPath(bucket, data));
    writeDurably(this.#recordPath(bucket, record.key), JSON.stringify({ ...record, data } satisfies StoredRecord));
    if (replaced) rmSync(this.#dataPath(bucket, replaced.data), { force: true });
  }

  find(bucket: string, key: string): ObjectRecord | undefined {
    return this.#read(bucket, key);
  }

  /** The object with its bytes open, so that removing it meanwhile does not cut the answer. The caller closes the handle. */
  async open(bucket: string, key: string): Promise<{ record: ObjectRecord; handle: FileHandle } | undefined> {
    for (;;) {
      const record = this.#read(bucket, key);
      if (!record) return undefined;
      try {
        return { record, handle: await open(this.#dataPath(bucket, record.data)) };
      } catch (error) {
        // Replaced between the two reads: the next turn sees the new one.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || this.#read(bucket, key)?.data === record.data) throw error;
      }
    }
  }

  remove(bucket: string, key: string): void {
    const record = this.#read(bucket, key);
    if (!record) return;
    rmSync(this.#recordPath(bucket, key));
    rmSync(this.#dataPath(bucket, record.data), { force: true });
  }

  /** In the order of their keys' UTF-8 bytes. */
  list(bucket: string): ObjectRecord[] {
    const directory = join(this.#directory, bucket, 'objects');
    return readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as ObjectRecord)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  #read(bucket: string, key: string): StoredRecord | undefined {
    try {
      return JSON.parse(readFileSync(this.#recordPath(bucket, key), 'utf8')) as StoredRecord;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #recordPath(bucket: string, key: string): string {
    return join(this.#directory, bucket, 'objects', `${createHash('sha256').update(key).digest('hex')}.json`);
  }

  #dataPath(bucket: string, data: string): string {
    return join(this.#directory, bucket, 'data', data);
  }
}

/** A name that is also a safe name of a folder. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
}

/** A file that is there whole or not at all, also after a crash. */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.${randomUUID()}`;
  const file = openSync(temporary, 'wx');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
