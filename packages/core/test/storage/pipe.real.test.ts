import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSource } from '../../src/storage/source-file.js';

/** Among the tests that may use more than Node: only a program of the system can make a named pipe. */
describe('a named pipe as source', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dirac-s3-pipe-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('is refused at once, without waiting for somebody to write to it', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(openSource({ path: pipe })).rejects.toMatchObject({ code: 'local-file', message: expect.stringContaining(pipe) });
  });
});
