import { describe, expect, it } from '@jest/globals';
import type { BulkResult, Lfn } from '@dirac-s3/core';
import type { PutOutcome, RegisterRequest } from '@dirac-s3/core/data-management';
import { runWords } from './run-command.js';

const guid = 'C0191E52-67D5-044C-1F1A-69407BDDAE02';

describe('register', () => {
  it('finishes an upload, with the GUID it was given', async () => {
    let asked: readonly RegisterRequest[] = [];
    const registerStored = (requests: readonly RegisterRequest[]): Promise<BulkResult<PutOutcome, Lfn>> => {
      asked = requests;
      return Promise.resolve({
        successful: new Map(
          requests.map(({ lfn, storageElement }) => [
            lfn,
            { storageElement, sizeBytes: 3, checksum: '024d0127', guid, pfn: `s3://h/b${lfn}` },
          ]),
        ),
        failed: new Map(),
      });
    };
    const parts = { manager: { registerStored }, session: { openStorageElement: (name: string) => Promise.resolve({ name } as never) } };
    const result = await runWords(['register', 'LFN:/vo/a', 'DEMO-S3', '--guid', guid], parts);
    expect(asked).toEqual([{ lfn: '/vo/a', storageElement: 'DEMO-S3', guid }]);
    expect(result.text).toBe('/vo/a is registered at DEMO-S3: 3 bytes, Adler-32 024d0127\n');
    await runWords(['register', '/vo/a', 'DEMO-S3'], parts);
    expect(asked).toEqual([{ lfn: '/vo/a', storageElement: 'DEMO-S3' }]);
  });
});
