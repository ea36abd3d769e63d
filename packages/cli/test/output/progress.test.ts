import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { parseLfn } from '@dirac-s3/core';
import { createProgressDisplay, ProgressTotals, timeOf } from '../../src/output/progress.js';

const [a, b] = [parseLfn('/vo/a'), parseLfn('/vo/b')];

describe('progress', () => {
  it('adds up the latest report of each file; the pass for the checksum moves no byte', () => {
    const totals = new ProgressTotals();
    totals.add({ lfn: a, phase: 'checksum', doneBytes: 90, totalBytes: 100 });
    expect([totals.doneBytes, totals.totalBytes, totals.started]).toEqual([0, 100, 1]);
    totals.add({ lfn: a, phase: 'transfer', doneBytes: 40, totalBytes: 100 });
    totals.add({ lfn: b, phase: 'transfer', doneBytes: 5, totalBytes: undefined });
    expect([totals.doneBytes, totals.totalBytes, totals.started]).toEqual([45, 105, 2]);
  });

  it('counts a file as finished when its last byte has moved, once', () => {
    const totals = new ProgressTotals();
    totals.add({ lfn: a, phase: 'checksum', doneBytes: 9, totalBytes: 9 });
    expect(totals.finished).toBe(0);
    totals.add({ lfn: a, phase: 'transfer', doneBytes: 9, totalBytes: 9 });
    totals.add({ lfn: a, phase: 'transfer', doneBytes: 9, totalBytes: 9 });
    expect([totals.finished, totals.doneBytes]).toEqual([1, 9]);
    // Begun again after a fault.
    totals.add({ lfn: a, phase: 'transfer', doneBytes: 2, totalBytes: 9 });
    expect([totals.finished, totals.doneBytes]).toEqual([0, 2]);
  });

  it('writes times as clocks do', () => {
    expect([0.2, 65, 7200].map(timeOf)).toEqual(['0:01', '1:05', '2:00:00']);
  });

  it('shows nothing where there is no terminal', async () => {
    const stream = new PassThrough() as unknown as NodeJS.WriteStream;
    expect(await createProgressDisplay(stream, { files: 1 })).toBeUndefined();
  });

  it('draws bytes, rate and time left of one file on a terminal', async () => {
    const stream = terminal();
    const clock = clockOf([0, 1000, 2000]);
    const display = await createProgressDisplay(stream, { files: 1 }, clock);
    display?.onProgress({ lfn: a, phase: 'transfer', doneBytes: 1024 ** 2, totalBytes: 4 * 1024 ** 2 });
    display?.stop();
    expect(String(stream.read())).toMatch(/25%.*1\.0 MiB.*1\.0 MiB\/s.*0:03 left.*\/vo\/a/s);
  });

  it('gives each of many files a line when its bytes have moved, and counts them', async () => {
    const stream = terminal();
    const display = await createProgressDisplay(stream, { files: 3, totalBytes: 8 * 1024 ** 2 }, clockOf([0, 0, 1000]));
    display?.onProgress({ lfn: a, phase: 'transfer', doneBytes: 2 * 1024 ** 2, totalBytes: 2 * 1024 ** 2 });
    display?.onProgress({ lfn: b, phase: 'transfer', doneBytes: 1024 ** 2, totalBytes: 2 * 1024 ** 2 });
    display?.stop();
    const shown = String(stream.read());
    expect(shown).toContain('/vo/a  2.0 MiB  2.0 MiB/s\n');
    expect(shown).toMatch(/37%.*3\.0 MiB.*1\/3 files/s);
    expect(shown).not.toContain('/vo/b  1.0 MiB');
  });
});

/** The last time stays. */
function clockOf(times: readonly number[]): () => number {
  const left = [...times];
  return () => (left.length > 1 ? left.shift()! : left[0]!);
}

function terminal(): NodeJS.WriteStream & { read(): unknown } {
  return Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 120,
    rows: 40,
    cursorTo: () => true,
    clearLine: () => true,
    clearScreenDown: () => true,
    moveCursor: () => true,
  }) as unknown as NodeJS.WriteStream & { read(): unknown };
}
