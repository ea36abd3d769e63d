import { mkdir, lstat, realpath, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseLfn, type BulkResult, type Lfn } from '../domain/index.js';
import { DiracS3Error, failure, failureOf, type Failure } from '../errors/index.js';
import type { DataManager } from '../data-management/index.js';
import type { FileCatalog } from '../ports/index.js';
import type { TransferOptions } from '../storage/index.js';
import { directoriesAbove } from './local-names.js';
import type { PlannedTransfer, TreeOutcome, TreePlan, TreeResult } from './types.js';

export interface TreeTools {
  readonly manager: Pick<DataManager, 'putAndRegister' | 'get' | 'remove'>;
  readonly catalog: Pick<FileCatalog, 'createDirectories'>;
}

export interface TreeRoots {
  /** Local directory. */
  readonly local: string;
  /** Directory of the File Catalog. */
  readonly catalog: Lfn;
}

export interface UploadTreeOptions {
  readonly storageElement: string;
  /** `new`: files of the same content may have several names. Left out, DIRAC's GUID, of which the catalog may take each only once. */
  readonly guid?: 'new';
}

/** Names in one question to catalog and gateway; an interruption counts between them. */
const namesAtOnce = 1000;

/** Uploads, and removes from storage and catalog, what the plan says; what fails stops nothing else. */
export async function uploadTree(
  { manager, catalog }: TreeTools,
  { plan, roots, ...upload }: UploadTreeOptions & { readonly plan: TreePlan; readonly roots: TreeRoots },
  options: TransferOptions = {},
): Promise<TreeResult> {
  const outcome = new Collected(plan, roots);
  await outcome.inChunks(plan.directories, options, async (paths) => {
    const names = outcome.lfnsOf(paths);
    const made = await catalog.createDirectories([...names.keys()]);
    outcome.take(names, made, (place) => ({ action: 'make-directory', ...place }));
  });
  const sent = new Map(plan.transfers.map((transfer) => [transfer.path, transfer]));
  await outcome.inChunks([...sent.keys()], options, async (paths) => {
    const names = outcome.lfnsOf(paths.filter((path) => !outcome.isStuck(path)));
    const requests = [...names].map(([lfn, path]) => ({
      lfn,
      source: { path: join(roots.local, path) },
      storageElement: upload.storageElement,
      overwrite: replaces(sent.get(path)!),
      ...(upload.guid === undefined ? {} : { guid: upload.guid }),
    }));
    outcome.take(names, await manager.putAndRegister(requests, options), (place, { sizeBytes, checksum, storageElement }) => ({
      action: 'upload',
      ...place,
      sizeBytes,
      checksum,
      storageElement,
    }));
  });
  await outcome.inChunks(plan.deletions, options, async (paths) => {
    const names = outcome.lfnsOf(paths);
    outcome.take(names, await manager.remove([...names.keys()]), (place) => ({ action: 'delete', ...place }));
  });
  return outcome.build();
}

/** Downloads, and deletes local files, as the plan says; what fails stops nothing else. Directories that a deletion leaves empty go too. */
export async function downloadTree(
  { manager }: Pick<TreeTools, 'manager'>,
  { plan, roots }: { readonly plan: TreePlan; readonly roots: TreeRoots },
  options: TransferOptions = {},
): Promise<TreeResult> {
  await mkdir(roots.local, { recursive: true });
  const outcome = new Collected(plan, roots);
  const place = new LocalPlace(await realpath(roots.local));
  for (const path of plan.directories) {
    if (options.signal?.aborted === true) break;
    await outcome.attempt(path, 'make-directory', () => place.makeDirectory(path));
  }
  const sent = new Map(plan.transfers.map((transfer) => [transfer.path, transfer]));
  await outcome.inChunks([...sent.keys()], options, async (paths) => {
    const names = outcome.lfnsOf(
      await outcome.fit(
        paths.filter((path) => !outcome.isStuck(path)),
        (path) => place.requireInside(path),
      ),
    );
    const requests = [...names].map(([lfn, path]) => ({ lfn, path: join(place.root, path), overwrite: replaces(sent.get(path)!) }));
    outcome.take(names, await manager.get(requests, options), (at, { sizeBytes, checksum, storageElement }) => ({
      action: 'download',
      ...at,
      sizeBytes,
      checksum,
      storageElement,
    }));
  });
  for (const path of plan.deletions) {
    if (options.signal?.aborted === true) break;
    await outcome.attempt(path, 'delete', () => place.deleteFile(path));
  }
  return outcome.build();
}

function replaces({ why }: PlannedTransfer): boolean {
  return why !== 'new';
}

type Place = Pick<TreeOutcome, 'path' | 'lfn'>;

/** What came of the parts of a plan. */
class Collected {
  readonly #roots: TreeRoots;
  readonly #done: TreeOutcome[] = [];
  readonly #failed: Map<string, Failure>;
  readonly #stuck = new Set<string>();

  constructor({ faults }: TreePlan, roots: TreeRoots) {
    this.#roots = roots;
    this.#failed = new Map(faults);
  }

  async inChunks(paths: readonly string[], { signal }: TransferOptions, step: (some: readonly string[]) => Promise<void>): Promise<void> {
    for (let at = 0; at < paths.length && signal?.aborted !== true; at += namesAtOnce) {
      const some = paths.slice(at, at + namesAtOnce);
      await step(some).catch((thrown: unknown) => some.forEach((path) => this.#fail(path, failureOf(thrown))));
    }
  }

  lfnsOf(paths: readonly string[]): Map<Lfn, string> {
    return new Map(paths.map((path) => [this.#lfnOf(path), path]));
  }

  take<Value>(
    names: ReadonlyMap<Lfn, string>,
    result: BulkResult<Value, Lfn>,
    outcomeOf: (place: Place, value: Value) => TreeOutcome,
  ): void {
    for (const [lfn, path] of names) {
      const value = result.successful.get(lfn);
      if (value === undefined) this.#fail(path, result.failed.get(lfn) ?? failure('internal', `${lfn}: no answer`));
      else this.#done.push(outcomeOf({ path, lfn }, value));
    }
  }

  async attempt(path: string, action: TreeOutcome['action'], step: () => Promise<void>): Promise<void> {
    try {
      await step();
      this.#done.push({ action, path, lfn: this.#lfnOf(path) });
    } catch (thrown) {
      this.#fail(path, failureOf(thrown));
    }
  }

  /** Those for which a check passes. */
  async fit(paths: readonly string[], check: (path: string) => Promise<void>): Promise<string[]> {
    const fit: string[] = [];
    for (const path of paths) {
      try {
        await check(path);
        fit.push(path);
      } catch (thrown) {
        this.#fail(path, failureOf(thrown));
      }
    }
    return fit;
  }

  /** A directory above it could not be made; says so for the path. */
  isStuck(path: string): boolean {
    const above = directoriesAbove(path).find((name) => this.#stuck.has(name));
    if (above !== undefined) this.#fail(path, failure(this.#failed.get(above)!.code, `${path}: its directory ${above} could not be made`));
    return above !== undefined;
  }

  build(): TreeResult {
    return { done: this.#done, failed: this.#failed };
  }

  #lfnOf(path: string): Lfn {
    return parseLfn(`${this.#roots.catalog}/${path}`);
  }

  #fail(path: string, fault: Failure): void {
    this.#failed.set(path, fault);
    this.#stuck.add(path);
  }
}

/** The local root, out of which nothing is done: a link that appeared meanwhile leads nowhere. */
class LocalPlace {
  readonly root: string;
  readonly #inside = new Set<string>();

  /** @param root as `realpath` gives it. */
  constructor(root: string) {
    this.root = root;
  }

  async makeDirectory(path: string): Promise<void> {
    await this.requireInside(path);
    await this.#local(path, 'made', async () => {
      await mkdir(join(this.root, path)).catch(async (fault: unknown) => {
        if ((fault as NodeJS.ErrnoException).code !== 'EEXIST' || !(await lstat(join(this.root, path))).isDirectory()) throw fault;
      });
    });
  }

  async deleteFile(path: string): Promise<void> {
    await this.requireInside(path);
    await this.#local(path, 'deleted', () => unlink(join(this.root, path)));
    for (const above of directoriesAbove(path).reverse()) {
      if (
        !(await rmdir(join(this.root, above)).then(
          () => true,
          () => false,
        ))
      )
        return;
      this.#inside.delete(above);
    }
  }

  /** Throws unless the directory of the path is where its name says. */
  async requireInside(path: string): Promise<void> {
    const directory = dirname(path);
    if (this.#inside.has(directory)) return;
    const expected = join(this.root, directory);
    const real = await this.#local(path, 'reached', () => realpath(expected));
    if (real !== expected) throw new DiracS3Error('local-file', `${path}: ${directory} leads to another directory`);
    this.#inside.add(directory);
  }

  async #local<Value>(path: string, verb: string, step: () => Promise<Value>): Promise<Value> {
    try {
      return await step();
    } catch (cause) {
      throw new DiracS3Error('local-file', `${path} cannot be ${verb} (${(cause as NodeJS.ErrnoException).code ?? 'unknown fault'})`, {
        cause,
      });
    }
  }
}
