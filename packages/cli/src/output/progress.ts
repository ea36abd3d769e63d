import type { TransferOptions } from '@dirac-s3/core/storage';
import type { SingleBar } from 'cli-progress';

type ProgressReport = Parameters<NonNullable<TransferOptions['onProgress']>>[0];

export interface ProgressDisplay {
  readonly onProgress: (report: ProgressReport) => void;
  stop(): void;
}

/** The bytes of all files of a command as they are known so far. */
export class ProgressTotals {
  readonly #files = new Map<string, ProgressReport>();

  add(report: ProgressReport): void {
    this.#files.set(report.lfn, report);
  }

  get doneBytes(): number {
    return this.#sum(({ phase, doneBytes }) => (phase === 'transfer' ? doneBytes : 0));
  }

  get totalBytes(): number {
    return this.#sum(({ totalBytes, doneBytes }) => totalBytes ?? doneBytes);
  }

  get started(): number {
    return this.#files.size;
  }

  #sum(value: (report: ProgressReport) => number): number {
    return [...this.#files.values()].reduce((sum, report) => sum + value(report), 0);
  }
}

/** A bar on standard error when that is a terminal; nothing otherwise. */
export async function createProgressDisplay(stream: NodeJS.WriteStream, files: number): Promise<ProgressDisplay | undefined> {
  if (!stream.isTTY) return undefined;
  const { default: progress } = await import('cli-progress');
  const totals = new ProgressTotals();
  let bar: SingleBar | undefined;
  return {
    onProgress: (report) => {
      totals.add(report);
      const payload = { files, started: totals.started, mebibytes: (totals.doneBytes / 1024 ** 2).toFixed(1) };
      if (bar === undefined) {
        bar = new progress.SingleBar(
          { stream, clearOnComplete: true, hideCursor: true, format: '{bar} {percentage}%  {mebibytes} MiB  {started}/{files} files' },
          progress.Presets.shades_classic,
        );
        bar.start(totals.totalBytes, totals.doneBytes, payload);
        return;
      }
      bar.setTotal(totals.totalBytes);
      bar.update(totals.doneBytes, payload);
    },
    stop: () => bar?.stop(),
  };
}
