import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { guidOfFile, newGuid, parseGuid } from '../../src/data-management/index.js';

describe('the GUID of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guid-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const fileOf = (bytes: Buffer): string => {
    const path = join(folder, 'file');
    writeFileSync(path, bytes);
    return path;
  };

  test("is DIRAC's: of the content `a`, 0CC175B9-C0F1-B6A8-31C3-99E269772661", async () => {
    expect(await guidOfFile(fileOf(Buffer.from('a')))).toBe('0CC175B9-C0F1-B6A8-31C3-99E269772661');
  });

  test('is that of the first 10 MiB', async () => {
    const bytes = randomBytes(10 * 1024 * 1024 + 1);
    const guid = await guidOfFile(fileOf(bytes));
    expect(guid.replaceAll('-', '').toLowerCase()).toBe(createHash('md5').update(bytes.subarray(0, -1)).digest('hex'));
    expect(await guidOfFile(fileOf(bytes.subarray(0, -1)))).toBe(guid);
    expect(await guidOfFile(fileOf(bytes.subarray(0, -2)))).not.toBe(guid);
  });

  test('of a file that is not there is a local fault', async () => {
    await expect(guidOfFile(join(folder, 'missing'))).rejects.toMatchObject({ code: 'local-file' });
  });

  test('is taken in any case and kept in upper case', () => {
    expect(parseGuid('0cc175b9-c0f1-b6a8-31c3-99e269772661')).toBe('0CC175B9-C0F1-B6A8-31C3-99E269772661');
    for (const bad of ['', '0CC175B9', '0CC175B9C0F1B6A831C399E269772661', ' 0CC175B9-C0F1-B6A8-31C3-99E269772661', 'G'.repeat(36)])
      expect(() => parseGuid(bad)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  test('of bytes that are not at hand is a new one, well formed', () => {
    const guids = Array.from({ length: 20 }, newGuid);
    expect(new Set(guids).size).toBe(20);
    for (const guid of guids) expect(parseGuid(guid)).toBe(guid);
  });
});
