import { describe, expect, it } from '@jest/globals';
import { parseLfn } from '@dirac-s3/core';
import type { FileCatalog } from '@dirac-s3/core/ports';
import { runAs, runWords, type Parts } from './run-command.js';

const known = '0CC175B9-C0F1-B6A8-31C3-99E269772661';
const unknown = '00000000-0000-0000-0000-000000000000';
let asked: (readonly string[])[] = [];
const catalog = {
  findByGuid: (guids: readonly string[]) => {
    asked.push(guids);
    return Promise.resolve(new Map(guids.filter((guid) => guid === known).map((guid) => [guid, parseLfn('/vo/file')])));
  },
} as unknown as FileCatalog;
const parts: Parts = { session: { catalog: () => Promise.resolve(catalog) } };

describe('guid', () => {
  it('finds files beside words that are no GUID, "new" among them, and asks about none of these', async () => {
    asked = [];
    const result = await runWords(['guid', `foo,${known.toLowerCase()}`, 'new', unknown], parts);
    expect(asked).toEqual([[known, unknown]]);
    expect(result.text).toBe(`${known} -> /vo/file\n`);
    expect(result.json).toEqual({
      successful: [{ guid: known, lfn: '/vo/file' }],
      failed: [
        { guid: 'foo', code: 'invalid-argument', message: '"foo": a GUID is 8-4-4-4-12 hexadecimal digits' },
        { guid: 'new', code: 'invalid-argument', message: '"new": a GUID is 8-4-4-4-12 hexadecimal digits' },
        { guid: unknown, code: 'no-such-file', message: `no file has the GUID ${unknown}` },
      ],
    });
  });

  it("tells each reason once under DIRAC's name, and asks nobody about nothing", async () => {
    asked = [];
    const { text } = await runAs('dirac-dms-resolve-guid', [`foo,${unknown},bar`], parts);
    expect(text).toBe(`Error 'Invalid argument' for guids ['foo', 'bar']\nError 'No such file or directory' for guids ['${unknown}']\n`);
    asked = [];
    expect((await runWords(['guid', 'foo'], parts)).failures.size).toBe(1);
    expect(asked).toEqual([]);
  });
});
