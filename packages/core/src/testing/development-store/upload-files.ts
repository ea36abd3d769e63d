import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ObjectRecord, writeDurably } from './object-files.js';

/** A multipart upload that was begun. */
export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** ISO 8601. */
  readonly initiated: string;
  readonly acl: ObjectRecord['acl'];
  readonly headers: ObjectRecord['headers'];
}

export interface Part {
  readonly number: number;
  readonly size: number;
  /** Hexadecimal MD5. */
  readonly etag: string;
  /** ISO 8601. */
  readonly lastModified: string;
  readonly path: string;
}

/** Multipart uploads as folders: the upload's record, and per part its bytes in a file named by number, size, time and MD5. */
export class UploadFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  create(upload: Omit<Upload, 'id'>): Upload {
    const created: Upload = { ...upload, id: randomBytes(24).toString('hex') };
    mkdirSync(this.#path(created.id));
    writeDurably(join(this.#path(created.id), 'upload.json'), JSON.stringify(created));
    return created;
  }

  find(id: string): Upload | undefined {
    const path = join(this.#path(id), 'upload.json');
    return /^[0-9a-f]{48}$/.test(id) && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Upload) : undefined;
  }

  list(bucket: string): Upload[] {
    return readdirSync(this.#directory)
      .map((id) => this.find(id))
      .filter((upload): upload is Upload => upload?.bucket === bucket)
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || a.initiated.localeCompare(b.initiated));
  }

  /** Takes the file over; a part of that number is replaced. */
  putPart(id: string, part: Omit<Part, 'path'>, path: string): void {
    const earlier = this.parts(id).find(({ number }) => number === part.number);
    const name = ['part', part.number, part.size, Date.parse(part.lastModified), part.etag].join('-');
    renameSync(path, join(this.#path(id), name));
    if (earlier && earlier.path !== join(this.#path(id), name)) rmSync(earlier.path, { force: true });
  }

  /** In the order of their numbers. */
  parts(id: string): Part[] {
    return readdirSync(this.#path(id))
      .filter((name) => name.startsWith('part-'))
      .map((name) => {
        const [, number, size, time, etag = ''] = name.split('-');
        const lastModified = new Date(Number(time)).toISOString();
        return { number: Number(number), size: Number(size), etag, lastModified, path: join(this.#path(id), name) };
      })
      .sort((a, b) => a.number - b.number);
  }

  remove(id: string): void {
    rmSync(this.#path(id), { recursive: true, force: true });
  }

  #path(id: string): string {
    return join(this.#directory, id);
  }
}
