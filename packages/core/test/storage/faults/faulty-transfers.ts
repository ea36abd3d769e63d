import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { adler32, type Lfn } from '../../../src/domain/index.js';
import type { Failure } from '../../../src/errors/index.js';
import { seededRandom } from '../../../src/testing/fault-proxy/random.js';
import { alice, lfnOf, ways, type Way } from '../world.js';
import type { FaultRun } from './fault-run.js';
import type { FaultySite } from './faulty-site.js';

export interface TransfersOptions {
  /** Faults after which the run is over. */
  readonly faults: number;
  readonly filesPerRound: number;
  /** A file has 16 to so many bytes more: shorter ones could be equal, and the catalog takes a content once. */
  readonly maxBytes: number;
  /** Aborts what uploads have left, as `transfers clean` does. */
  readonly clean?: () => Promise<void>;
}

/** Nobody tries for ever: with so many tries of one round something else than chance is wrong. */
const mostTries = 60;

interface File {
  readonly lfn: Lfn;
  readonly bytes: Buffer;
  readonly source: string;
  readonly copy: string;
}

/** What was counted in a run. */
export interface Report {
  files: number;
  /** Uploads and downloads that had to be asked for again by the user. */
  readonly again: { put: number; get: number };
  readonly codes: Record<string, number>;
}

/** Puts, gets and compares files through the proxy, round by round, until so many faults have happened; then looks at what is there. */
export class FaultyTransfers {
  readonly report: Report = { files: 0, again: { put: 0, get: 0 }, codes: {} };
  readonly site: FaultySite;
  readonly run: FaultRun;
  readonly options: TransfersOptions;
  readonly #directory: Lfn;
  readonly #files: File[] = [];
  readonly #random: () => number;

  constructor(site: FaultySite, run: FaultRun, options: TransfersOptions) {
    [this.site, this.run, this.options] = [site, run, options];
    this.#directory = lfnOf(`faults-${randomBytes(6).toString('hex')}`);
    this.#random = seededRandom(run.seed);
  }

  async finish(): Promise<void> {
    for (let round = 0; this.run.faults < this.options.faults; round += 1) {
      const way = ways[round % ways.length]!;
      const files = this.#newFiles(round);
      await this.#put(way, files);
      await this.#get(way, files);
      for (const { source, copy } of files) [source, copy].forEach((path) => rmSync(path));
    }
    await this.options.clean?.();
    await this.#lookAtEverything();
  }

  #newFiles(round: number): File[] {
    const files = Array.from({ length: this.options.filesPerRound }, (_, n): File => {
      const name = `${round}-${n}`;
      const bytes = randomBytes(16 + Math.floor(this.#random() ** 3 * this.options.maxBytes));
      const [source, copy] = [join(this.site.folder, 'source', name), join(this.site.folder, 'copy', name)];
      writeFileSync(source, bytes);
      return { lfn: `${this.#directory}/${name}` as Lfn, bytes, source, copy };
    });
    this.#files.push(...files);
    this.report.files = this.#files.length;
    return files;
  }

  /** As a user does: what failed is asked for again; what is said to be stored and not registered is removed first, as he is told to. */
  async #put(way: Way, files: readonly File[]): Promise<void> {
    const manager = this.site.manager(way);
    await this.#untilDone(files, async (left) => {
      const requests = left.map(({ lfn, source }) => ({ lfn, source: { path: source }, storageElement: 'SE' }));
      const { failed } = await manager.putAndRegister(requests);
      await this.#nothingWrongIsRegistered(left);
      const stored = [...failed].filter(([, { code }]) => /file-exists|mismatch/.test(code)).map(([lfn]) => lfn);
      if (stored.length > 0) await manager.removeUnregistered(stored, 'SE');
      this.report.again.put += failed.size;
      return failed;
    });
  }

  async #get(way: Way, files: readonly File[]): Promise<void> {
    const manager = this.site.manager(way);
    await this.#untilDone(files, async (left) => {
      const { successful, failed } = await manager.get(left.map(({ lfn, copy }) => ({ lfn, path: copy })));
      for (const { lfn, copy, bytes } of left) {
        if (successful.has(lfn)) expect([lfn, readFileSync(copy).equals(bytes), successful.get(lfn)?.verified]).toEqual([lfn, true, true]);
      }
      const arrived = files.filter(({ lfn }) => !failed.has(lfn)).map(({ copy }) => copy);
      expect(readdirSync(join(this.site.folder, 'copy')).map((name) => join(this.site.folder, 'copy', name))).toEqual(
        expect.arrayContaining(arrived),
      );
      // Neither a short nor a temporary file.
      expect(readdirSync(join(this.site.folder, 'copy'))).toHaveLength(arrived.length);
      this.report.again.get += failed.size;
      return failed;
    });
  }

  async #untilDone(files: readonly File[], step: (left: readonly File[]) => Promise<ReadonlyMap<Lfn, Failure>>): Promise<void> {
    let left = files;
    for (let tries = 0; left.length > 0; tries += 1) {
      const failed = await step(left);
      for (const { code, message } of failed.values()) {
        this.report.codes[code] = (this.report.codes[code] ?? 0) + 1;
        expect(message).not.toMatch(/X-Amz-Signature|x-amz-credential=/i);
        if (tries >= mostTries) throw new Error(`seed ${this.run.seed}: after ${tries} tries still ${message}`);
      }
      left = left.filter(({ lfn }) => failed.has(lfn));
    }
  }

  /** What the catalog says is so, in the store behind the proxy, to the last byte. */
  async #nothingWrongIsRegistered(files: readonly File[]): Promise<number> {
    const entries = await this.site.catalog.catalogFor(alice).getFileMetadata(files.map(({ lfn }) => lfn));
    const registered = files.filter(({ lfn }) => entries.successful.has(lfn));
    const path = (lfn: Lfn): string => join(this.site.folder, `truth-${lfn.slice(this.#directory.length + 1)}`);
    const stored = await this.site.truth.get(registered.map(({ lfn }) => ({ lfn, path: path(lfn) })));
    for (const { lfn, bytes } of registered) {
      const { sizeBytes, checksum } = entries.successful.get(lfn)!;
      const same = stored.successful.has(lfn) && readFileSync(path(lfn)).equals(bytes);
      rmSync(path(lfn), { force: true });
      expect({ lfn, sizeBytes, checksum, same }).toEqual({ lfn, sizeBytes: bytes.length, checksum: adler32(bytes), same: true });
    }
    return registered.length;
  }

  async #lookAtEverything(): Promise<void> {
    expect(await this.#nothingWrongIsRegistered(this.#files)).toBe(this.#files.length);
    expect(await this.site.storedBelow(this.#directory)).toEqual(this.#files.map(({ lfn }) => lfn).sort());
    expect(await this.site.openUploads(this.#directory)).toEqual([]);
    for (const name of ['source', 'copy', 'spool']) expect(readdirSync(join(this.site.folder, name))).toEqual([]);
  }
}
