import { describe, expect, it } from '@jest/globals';
import { parseLfn } from '../../src/domain/index.js';
import { DiracS3Error, type ErrorCode } from '../../src/errors/index.js';
import type { MultipartUploads } from '../../src/ports/index.js';
import { beginUpload, NoMultipart } from '../../src/storage/multipart-begin.js';

const lfn = parseLfn('/vo/large.bin');
const sizeBytes = 5 * 1024 ** 3 + 1;
/** What becomes of an upload at a gateway that answers its begin with this. */
const begin = (code: ErrorCode): Promise<unknown> => {
  const multipart = { begin: () => Promise.reject(new DiracS3Error(code, 'the gateway says')) } as unknown as MultipartUploads;
  return beginUpload({ multipart, storageElement: 'CERN-S3' }, { lfn, sizeBytes, partBytes: 2 ** 25, checksum: '00000001' });
};

describe('a gateway that gives no uploads in parts', () => {
  it.each(['not-found', 'method-not-allowed', 'unsupported-operation'] as const)('is to be updated and given keys (%s)', async (code) => {
    const fault = await begin(code).catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(NoMultipart);
    const { message } = fault as NoMultipart;
    expect(message).toContain(`${lfn}: ${sizeBytes} bytes need an upload in parts, as one request carries at most 5368709120 (5 GiB)`);
    expect(message).toContain('the gateway gives none for CERN-S3: its operator has to update it, and to set SecretKeys in ');
    expect(message).toMatch(/\/Systems\/DataManagement\/Services\/S3Gateway\/UploadSessions$/);
  });

  it('is to be given keys that can only write, where its store honours unsigned headers', async () => {
    await expect(begin('upload-unsafe')).rejects.toThrow(/set Aws_write_access_key_id and Aws_write_secret_access_key/);
  });

  it.each(['permission-denied', 'gateway-unavailable'] as const)('is not what %s means', async (code) => {
    await expect(begin(code)).rejects.toMatchObject({ code, message: 'the gateway says' });
  });
});
