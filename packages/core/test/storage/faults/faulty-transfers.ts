import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { adler32, type Lfn } from '../../../src/domain/index.js';
import type { Failure } from '../../../src/errors/index.js';
import type { TransferOptions } from '../../../src/storage/index.js';
import { seededRandom } from '../../../src/testing/fault-proxy/random.js';
import { alice, lfnOf, ways, type Way } from '../world.js';
import type { FaultRun } from './fault-run.js';
import type { FaultySite } from './faulty-site.js';

export interface TransfersOptions {
  /** Faults after which the run is over. */
  readonly faults: number;
  /** In turn, each of them by each way. */
  readonly rounds: readonly Round[];
}

export interface Round {
  readonly files: number;
  /** A file has so many bytes, and up to `spreadBytes` more, mostly few. Two of less than 16 could be equal, and the catalog takes a content once. */
  readonly leastBytes: number;
  readonly spreadBytes: number;
  /** One call of each direction is stopped in the middle and gone on with, and one upload is stopped and given up. */
  readonly inPieces: boolean;
}

/** Nobody tries for ever: with so many tries of one round something else than chance is wrong. */
const mostTries = 60;

interface File {
  readonly lfn: Lfn;
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly digest: string;
  readonly source: string;
  readonly copy: string;
}

/** What was counted in a run. */
export interface Report {
  filesWhole: number;
  filesInPieces: number;
  bytes: number;
  /** Transfers that had to be asked for again by the user, or were given up by him. */
  readonly again: { put: number; get: number; remove: number };
  abandoned: number;
  /** Uploads of which only the store knew: the answer to their begin was lost. */
  orphans: number;
  readonly codes: Record<string, number>;
}

type Failed = ReadonlyMap<Lfn, Failure>;

/** Puts, gets, compares and removes files through the proxy, round by round, until so many faults have happened. */
export class FaultyTransfers {
  readonly report: Report = {
    filesWhole: 0,
    filesInPieces: 0,
    bytes: 0,
    again: { put: 0, get: 0, remove: 0 },
    abandoned: 0,
    orphans: 0,
    codes: {},
  };
  readonly site: FaultySite;
  readonly run: FaultRun;
  readonly options: TransfersOptions;
  readonly #directory: Lfn;
  readonly #random: () => number;

  constructor(site: FaultySite, run: FaultRun, options: TransfersOptions) {
    [this.site, this.run, this.options] = [site, run, options];
    this.#directory = lfnOf(`faults-${randomBytes(6).toString('hex')}`);
    this.#random = seededRandom(run.seed);
  }

  async finish(): Promise<void> {
    const { rounds, faults } = this.options;
    for (let number = 0; this.run.faults < faults; number += 1) {
      const round = rounds[number % rounds.length]!;
      const way = ways[Math.floor(number / rounds.length) % ways.length]!;
      const files = Array.from({ length: round.files }, (_, n) => this.#newFile(`${number}-${n}`, round));
      if (round.inPieces) await this.#abandon(way, this.#newFile(`${number}-given-up`, round));
      await this.#put(way, files, round);
      if (round.inPieces) await this.#clean(way);
      await this.#get(way, files, round);
      await this.#lookAtEverything(files);
      await this.#remove(way, files);
      await this.#lookAtEverything([]);
    }
  }

  #newFile(name: string, { leastBytes, spreadBytes, inPieces }: Round): File {
    const bytes = randomBytes(leastBytes + Math.floor(this.#random() ** 3 * spreadBytes));
    const [source, copy] = [join(this.site.folder, 'source', name), join(this.site.folder, 'copy', name)];
    writeFileSync(source, bytes);
    this.report[inPieces ? 'filesInPieces' : 'filesWhole'] += 1;
    this.report.bytes += bytes.length;
    const lfn = `${this.#directory}/${name}` as Lfn;
    return { lfn, sizeBytes: bytes.length, checksum: adler32(bytes), digest: digestOf(bytes), source, copy };
  }

  /** As a user does: what failed is asked for again; what is said to be stored and not registered is removed first, as he is told to. */
  async #put(way: Way, files: readonly File[], { inPieces }: Round): Promise<void> {
    const manager = this.site.manager(way);
    await this.#untilDone('put', files, async (left, first) => {
      const options = first && inPieces ? this.#stopped(files) : {};
      const requests = left.map(({ lfn, source }) => ({ lfn, source: { path: source }, storageElement: 'SE' }));
      const { failed } = await manager.putAndRegister(requests, options);
      const stored = [...failed].filter(([, { code }]) => /file-exists|mismatch/.test(code)).map(([lfn]) => lfn);
      if (stored.length > 0) await manager.removeUnregistered(stored, 'SE');
      return failed;
    });
    for (const { source } of files) rmSync(source);
  }

  async #get(way: Way, files: readonly File[], { inPieces }: Round): Promise<void> {
    const manager = this.site.manager(way);
    const folder = join(this.site.folder, 'copy');
    await this.#untilDone('get', files, async (left, first) => {
      const options = first && inPieces ? this.#stopped(files) : {};
      const { successful, failed } = await manager.get(
        left.map(({ lfn, copy }) => ({ lfn, path: copy })),
        options,
      );
      for (const { lfn, copy, digest } of left) {
        if (successful.has(lfn)) expect([lfn, digestOf(readFileSync(copy)), successful.get(lfn)?.verified]).toEqual([lfn, digest, true]);
      }
      // Only what is whole has its name: what is resumed later has another one.
      const arrived = files.filter(({ lfn }) => !failed.has(lfn)).map(({ copy }) => copy);
      const visible = readdirSync(folder).filter((name) => !name.startsWith('.'));
      expect(visible.map((name) => join(folder, name)).sort()).toEqual(arrived.sort());
      return failed;
    });
    for (const { copy } of files) rmSync(copy);
  }

  async #remove(way: Way, files: readonly File[]): Promise<void> {
    const manager = this.site.manager(way);
    await this.#untilDone('remove', files, async (left) => (await manager.remove(left.map(({ lfn }) => lfn))).failed);
  }

  /** Stops an upload in the middle and forgets it; one that was done by then is removed. */
  async #abandon(way: Way, file: File): Promise<void> {
    const { lfn, source } = file;
    const manager = this.site.manager(way);
    const { failed } = await manager.putAndRegister([{ lfn, source: { path: source }, storageElement: 'SE' }], this.#stopped([file]));
    this.report.abandoned += failed.size;
    if (failed.size === 0) await this.#remove(way, [file]);
    else expect(await this.#nothingWrongIsRegistered([file])).toBe(0);
    rmSync(source);
  }

  async #clean(way: Way): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const { failed, orphans } = await this.site.clean(way, this.#directory);
      this.report.orphans += orphans.reduce((sum, { aborted }) => sum + aborted.length, 0);
      const faults = [failed, ...orphans.flatMap((place) => [place.failed, place.notLooked])].flatMap((map) => [...map.values()]);
      if (faults.length === 0) return;
      if (tries >= mostTries) throw new Error(`seed ${this.run.seed}: after ${tries} tries of cleaning still ${faults[0]!.message}`);
    }
  }

  /** Options of a call that ends somewhere in the middle of its bytes. */
  #stopped(files: readonly File[]): TransferOptions {
    const controller = new AbortController();
    const whole = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const stopAt = this.#random() * whole;
    const done = new Map<Lfn, number>();
    return {
      signal: controller.signal,
      onProgress: ({ lfn, phase, doneBytes }) => {
        if (phase !== 'transfer') return;
        done.set(lfn, doneBytes);
        if ([...done.values()].reduce((sum, bytes) => sum + bytes, 0) > stopAt) controller.abort();
      },
    };
  }

  async #untilDone(
    action: keyof Report['again'],
    files: readonly File[],
    step: (left: readonly File[], first: boolean) => Promise<Failed>,
  ): Promise<void> {
    let left = files;
    for (let tries = 0; left.length > 0; tries += 1) {
      const failed = await step(left, tries === 0);
      this.report.again[action] += failed.size;
      for (const { code, message } of failed.values()) {
        this.report.codes[code] = (this.report.codes[code] ?? 0) + 1;
        expect(message).not.toMatch(/X-Amz-Signature|x-amz-credential=/i);
        if (tries >= mostTries) throw new Error(`seed ${this.run.seed}: after ${tries} tries of ${action} still ${message}`);
      }
      left = left.filter(({ lfn }) => failed.has(lfn));
    }
  }

  /** What the catalog says is so, in the store behind the proxy, to the last byte. Gives how many are registered. */
  async #nothingWrongIsRegistered(files: readonly File[]): Promise<number> {
    const entries = await this.site.catalog.catalogFor(alice).getFileMetadata(files.map(({ lfn }) => lfn));
    const registered = files.filter(({ lfn }) => entries.successful.has(lfn));
    const path = (lfn: Lfn): string => join(this.site.folder, `truth-${lfn.slice(this.#directory.length + 1)}`);
    const stored = await this.site.truth.get(registered.map(({ lfn }) => ({ lfn, path: path(lfn) })));
    for (const { lfn, ...wanted } of registered) {
      const { sizeBytes, checksum } = entries.successful.get(lfn)!;
      const digest = stored.successful.has(lfn) ? digestOf(readFileSync(path(lfn))) : (stored.failed.get(lfn)?.message ?? 'no answer');
      rmSync(path(lfn), { force: true });
      expect({ lfn, sizeBytes, checksum, digest }).toEqual({
        lfn,
        sizeBytes: wanted.sizeBytes,
        checksum: wanted.checksum,
        digest: wanted.digest,
      });
    }
    return registered.length;
  }

  /** These files are there, and nothing else: no object, no part, no journal. */
  async #lookAtEverything(files: readonly File[]): Promise<void> {
    expect(await this.#nothingWrongIsRegistered(files)).toBe(files.length);
    expect(await this.site.storedBelow(this.#directory)).toEqual(files.map(({ lfn }) => lfn).sort());
    for (const name of ['source', 'copy', 'spool']) expect(readdirSync(join(this.site.folder, name))).toEqual([]);
    expect(await this.site.openUploads(this.#directory)).toEqual([]);
  }
}

function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
