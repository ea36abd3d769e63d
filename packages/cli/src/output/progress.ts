import type { TransferOptions } from '@dirac-s3/core/storage';
import type { MultiBar, SingleBar } from 'cli-progress';
import { printable } from './printable.js';

type ProgressReport = Parameters<NonNullable<TransferOptions['onProgress']>>[0];

export interface ProgressDisplay {
  readonly onProgress: (report: ProgressReport) => void;
  /** A line above the bars. */
  say(line: string): void;
  stop(): void;
}

export interface ExpectedWork {
  readonly files: number;
  /** Left out where it only shows as the files begin. */
  readonly totalBytes?: number | undefined;
}

/** The bytes of all files of a command as they are known so far: kept as sums, since thousands of files report often. */
export class ProgressTotals {
  readonly #under = new Map<string, ProgressReport>();
  doneBytes = 0;
  totalBytes = 0;
  started = 0;
  finished = 0;

  add(report: ProgressReport): void {
    const before = this.#under.get(report.lfn);
    this.doneBytes += movedBytes(report) - movedBytes(before);
    this.totalBytes += wholeBytes(report) - wholeBytes(before);
    this.finished += Number(isFinished(report)) - Number(isFinished(before));
    if (before === undefined) this.started += 1;
    this.#under.set(report.lfn, report);
  }
}

function movedBytes(report: ProgressReport | undefined): number {
  return report?.phase === 'transfer' ? report.doneBytes : 0;
}

function wholeBytes(report: ProgressReport | undefined): number {
  return report === undefined ? 0 : (report.totalBytes ?? report.doneBytes);
}

function isFinished(report: ProgressReport | undefined): boolean {
  return report?.phase === 'transfer' && report.doneBytes === report.totalBytes;
}

/** Bars for so many files at once; more would not fit a terminal. */
const barsAtOnce = 8;

/**
 * On standard error when that is a terminal, nothing otherwise: a bar for each file under way, a line for each whose bytes have all moved, and
 * one bar for all, with rate and time left.
 */
export async function createProgressDisplay(
  stream: NodeJS.WriteStream,
  { files, totalBytes }: ExpectedWork,
  now: () => number = () => performance.now(),
): Promise<ProgressDisplay | undefined> {
  if (!stream.isTTY) return undefined;
  const { MultiBar: Bars, Presets } = await import('cli-progress');
  const format = '{bar} {percentage}%  {mebibytes}  {rate}  {left}  {name}';
  const bars = new Bars({ stream, clearOnComplete: true, hideCursor: true, format, forceRedraw: true }, Presets.shades_classic);
  const started = now();
  const totals = new ProgressTotals();
  const lines = new FileLines(bars, now);
  const all = (): number => Math.max(totalBytes ?? 0, totals.totalBytes);
  const whole = bars.create(1, 0, payloadOf({ done: 0, total: all(), seconds: 0, name: `0/${files} files` }));
  return {
    onProgress: (report) => {
      totals.add(report);
      if (files > 1) lines.add(report);
      const done = totals.doneBytes;
      whole.setTotal(Math.max(1, all()));
      const name = files > 1 ? `${totals.finished}/${files} files` : printable(report.lfn);
      whole.update(done, payloadOf({ done, total: all(), seconds: (now() - started) / 1000, name }));
    },
    say: (line) => bars.log(`${line}\n`),
    stop: () => {
      // Lines that finished since it was last drawn.
      bars.update();
      bars.stop();
    },
  };
}

/** The bars of the files under way. */
class FileLines {
  readonly #bars: MultiBar;
  readonly #now: () => number;
  readonly #under = new Map<string, { readonly bar: SingleBar | undefined; readonly started: number }>();

  constructor(bars: MultiBar, now: () => number) {
    this.#bars = bars;
    this.#now = now;
  }

  add(report: ProgressReport): void {
    const { lfn, phase, doneBytes, totalBytes = doneBytes } = report;
    if (phase !== 'transfer') return;
    const file = this.#under.get(lfn) ?? this.#begin(lfn);
    const seconds = (this.#now() - file.started) / 1000;
    const payload = payloadOf({ done: doneBytes, total: totalBytes, seconds, name: printable(lfn) });
    if (!isFinished(report)) {
      file.bar?.setTotal(Math.max(1, totalBytes));
      file.bar?.update(doneBytes, payload);
      return;
    }
    if (file.bar !== undefined) this.#bars.remove(file.bar);
    this.#under.delete(lfn);
    this.#bars.log(`${payload.name}  ${payload.mebibytes}  ${payload.rate}\n`);
  }

  #begin(lfn: string): { readonly bar: SingleBar | undefined; readonly started: number } {
    const shown = [...this.#under.values()].filter(({ bar }) => bar !== undefined).length;
    const payload = payloadOf({ done: 0, total: 0, seconds: 0, name: printable(lfn) });
    const file = { bar: shown < barsAtOnce ? this.#bars.create(1, 0, payload) : undefined, started: this.#now() };
    this.#under.set(lfn, file);
    return file;
  }
}

interface Movement {
  readonly done: number;
  readonly total: number;
  readonly seconds: number;
  readonly name: string;
}

function payloadOf({ done, total, seconds, name }: Movement): { mebibytes: string; rate: string; left: string; name: string } {
  const rate = seconds > 0 ? done / seconds : 0;
  return {
    mebibytes: `${mebibytes(done)} MiB`,
    rate: `${mebibytes(rate)} MiB/s`,
    left: rate > 0 && total > done ? `${timeOf((total - done) / rate)} left` : '',
    name,
  };
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}

/** `1:05`, `2:00:00`. */
export function timeOf(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number): string => String(number).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
