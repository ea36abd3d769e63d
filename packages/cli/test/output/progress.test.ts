import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { parseLfn } from '@dirac-s3/core';
import { createProgressDisplay, ProgressTotals } from '../../src/output/progress.js';

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

  it('shows nothing where there is no terminal', async () => {
    const stream = new PassThrough() as unknown as NodeJS.WriteStream;
    expect(await createProgressDisplay(stream, 1)).toBeUndefined();
  });

  it('draws a bar on a terminal and clears it away', async () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 80,
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
    }) as unknown as NodeJS.WriteStream;
    const display = await createProgressDisplay(stream, 3);
    display?.onProgress({ lfn: a, phase: 'transfer', doneBytes: 1024 ** 2, totalBytes: 4 * 1024 ** 2 });
    display?.stop();
    expect(String(stream.read())).toMatch(/25%.*1\.0 MiB.*1\/3 files/s);
  });
});
