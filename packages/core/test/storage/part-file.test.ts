import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adler32, LaneSums, type Sums } from '../../src/domain/index.js';
import { PartFile } from '../../src/storage/part-file.js';
import { piecesOf } from '../../src/storage/part-plan.js';
import { allowWaitingForFiles } from '../../src/storage/index.js';
import { roomBytes } from '../../src/storage/part-sums.js';

const bytes = randomBytes(17 * 3 * roomBytes + 12_345);
const sumsOf = (partBytes: number, length = bytes.length): Sums[] =>
  piecesOf(length, partBytes).map(({ start, length: size }) => {
    const part = bytes.subarray(start, start + size);
    return { adler: adler32(part), md5: createHash('md5').update(part).digest('hex') };
  });

describe.each(['by threads', 'waiting'])('the parts of a file, read %s', (how) => {
  let folder: string;
  let path: string;
  let file: PartFile;
  beforeAll(async () => {
    // There is no way back: the order of the two matters.
    if (how === 'waiting') allowWaitingForFiles(() => 0);
    folder = mkdtempSync(join(tmpdir(), 'dirac-s3-part-file-'));
    path = join(folder, 'source');
    writeFileSync(path, bytes);
    file = await PartFile.open(path);
  });
  afterAll(async () => {
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([1, 2, 3, 7, 8, 9, 10, 16, 17, 18, 40])('have the sums of their bytes, when there are %i of them', async (count) => {
    const partBytes = Math.ceil(bytes.length / count);
    const pieces = piecesOf(bytes.length, partBytes);
    let done = 0;
    expect(await file.sumsOf(pieces, { onBytes: (more) => (done += more) })).toEqual(sumsOf(partBytes));
    expect([pieces.length, done]).toEqual([count, bytes.length]);
  });

  test.each([3 * roomBytes, 3 * roomBytes + 1, 4 * roomBytes - 1, 5 * roomBytes + 64, 6 * roomBytes])(
    'have them too when the last one is the rest of %i bytes',
    async (length) => expect(await file.sumsOf(piecesOf(length, 3 * roomBytes))).toEqual(sumsOf(3 * roomBytes, length)),
  );

  /** Before version 24, Node.js gets no memory for WebAssembly within such a limit. */
  test.each([
    ['there is no WebAssembly', `exec "$0" --jitless "$@"`],
    ['a batch system limits the addresses', `ulimit -v 6000000; exec "$0" "$@"`],
  ])('have the same ones where %s', (_, command) => {
    const script = `
      import { PartFile } from ${JSON.stringify(new URL('../../dist/storage/part-file.js', import.meta.url).href)};
      import { piecesOf } from ${JSON.stringify(new URL('../../dist/storage/part-plan.js', import.meta.url).href)};
      const file = await PartFile.open(${JSON.stringify(path)});
      const sums = await file.sumsOf(piecesOf(${bytes.length}, ${5 * roomBytes}));
      await file.close();
      process.stdout.write(JSON.stringify(sums));`;
    const run = spawnSync('sh', ['-c', command, process.execPath, '--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(run.stdout)).toEqual(sumsOf(5 * roomBytes));
  });

  test('are not summed to their end when that is cancelled', async () => {
    const controller = new AbortController();
    let done = 0;
    const onBytes = (more: number): void => {
      done += more;
      controller.abort();
    };
    const pieces = piecesOf(bytes.length, 3 * roomBytes);
    await expect(file.sumsOf(pieces, { signal: controller.signal, onBytes })).rejects.toMatchObject({ name: 'AbortError' });
    // What was read already when it was cancelled, and no more.
    expect(done).toBeLessThanOrEqual(2 * LaneSums.lanes * roomBytes);
  });

  test('let the process hear of other things meanwhile', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const pieces = piecesOf(bytes.length, 3 * roomBytes);
    await expect(file.sumsOf(pieces, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('of a file that is shorter than it was are size-mismatch', async () => {
    const short = join(folder, 'short');
    writeFileSync(short, bytes);
    const one = await PartFile.open(short);
    truncateSync(short, bytes.length - 1);
    await expect(one.sumsOf(piecesOf(bytes.length, 3 * roomBytes))).rejects.toMatchObject({
      code: 'size-mismatch',
      message: expect.stringContaining(short),
    });
    await one.close();
  });
});
