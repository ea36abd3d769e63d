import { describe, expect, test } from '@jest/globals';
import { objectKeyOf, parseLfn, Secret } from '../../src/domain/index.js';
import type { TargetFacts } from '../../src/ports/index.js';
import { sealText } from '../../src/presign/index.js';
import { grantFault, openUpload, sealUpload, type UploadGrant, type UploadUse } from '../../src/presign/upload-token.js';
import { identityOf } from '../../src/testing/index.js';
import { storageElement } from './world.js';

const keys = [new Secret('kY3n8Qw1ZrT5uVb7Xc9MdF2gHj4LpSa6')];
const mebibyte = 1024 * 1024;
const begunAt = new Date('2026-11-24T12:00:00Z');
const later = (seconds: number): Date => new Date(begunAt.getTime() + seconds * 1000);
const limitSeconds = 7200;
const lfn = parseLfn('/vo/user/a/alice/Grüße 😀.bin');
const grant: UploadGrant = {
  username: 'alice',
  group: 'users',
  vo: 'vo',
  storageElement: 'SE',
  bucket: 'bucket',
  lfn,
  uploadId: '2~abc',
  sizeBytes: 12 * mebibyte,
  partBytes: 5 * mebibyte,
  checksum: '0a1b2c3d',
  begunAt,
  expiresAt: later(600),
  use: 'upload',
};
const identity = identityOf('alice');
const target = (method: TargetFacts['method'], item: Partial<TargetFacts['item']> = {}): TargetFacts => ({
  storageElement: storageElement('SE'),
  bucket: 'bucket',
  key: objectKeyOf(lfn),
  method,
  upload: 'put',
  signWith: 'main',
  item: { lfn, uploadId: grant.uploadId, ...item },
  expirationSeconds: 600,
});
const firstPart = target('upload_part', { partNumber: 1, sizeBytes: grant.partBytes });

interface Asked {
  readonly grant?: UploadGrant | undefined;
  readonly identity?: typeof identity;
  readonly lfn?: typeof lfn;
  readonly target?: TargetFacts;
  readonly use?: UploadUse;
  readonly now?: Date;
}
const fault = (asked: Asked = {}) => {
  const { use = 'move', now = later(1) } = asked;
  const { grant: given = grant } = asked;
  const what = { identity: asked.identity ?? identity, lfn: asked.lfn ?? lfn, target: asked.target ?? firstPart };
  return grantFault(given, what, { use, now, limitSeconds });
};
const foreign = { code: 'permission-denied', message: expect.stringMatching(/not of this upload, or not of this user/) };

describe('an upload token', () => {
  test('opens to the grant it was sealed with, at every gateway that has the key', () => {
    const token = sealUpload(grant, keys);
    expect(openUpload(token, [new Secret('another-key-another-key-another-1'), ...keys])).toEqual(grant);
    expect(openUpload(sealUpload({ ...grant, use: 'abort' }, keys), keys)).toEqual({ ...grant, use: 'abort' });
  });

  test('does not open with other keys, nor what was sealed for something else', () => {
    expect(openUpload(sealUpload(grant, keys), [new Secret('another-key-another-key-another-1')])).toBeUndefined();
    expect(openUpload(sealText('probe1', '[]', keys), keys)).toBeUndefined();
    expect(openUpload('', keys)).toBeUndefined();
  });

  test.each(Object.keys(grant) as (keyof UploadGrant)[])('binds the field %s', (field) => {
    const value = grant[field];
    const other = value instanceof Date ? later(60) : typeof value === 'number' ? value + 1 : field === 'use' ? 'abort' : `${value}x`;
    const token = sealUpload(grant, keys);
    const altered = sealUpload({ ...grant, [field]: other }, keys);
    // Whoever has no key can put the altered payload under the old signature, and no more.
    const forged = [...altered.split('.').slice(0, 2), token.split('.')[2]].join('.');
    expect(forged).not.toBe(token);
    expect(openUpload(forged, keys)).toBeUndefined();
    expect(openUpload(altered, keys)).toEqual({ ...grant, [field]: other });
  });
});

describe('what a grant permits', () => {
  test('is what it was made for', () => {
    expect(fault()).toBeUndefined();
    expect(fault({ use: 'clear', target: target('list_parts') })).toBeUndefined();
    expect(fault({ use: 'clear', target: target('abort_multipart_upload') })).toBeUndefined();
    expect(fault({ target: target('complete_multipart_upload') })).toBeUndefined();
    expect(fault({ use: 'renew', now: later(601), target: target('create_multipart_upload') })).toBeUndefined();
  });

  test.each<[string, Asked]>([
    ['another user', { identity: identityOf('bob') }],
    ['another group of his', { identity: identityOf('alice', { group: 'others' }) }],
    ['another VO of his', { identity: identityOf('alice', { vo: 'other' }) }],
    ['another StorageElement', { target: { ...firstPart, storageElement: storageElement('SE-2') } }],
    ['another bucket', { target: { ...firstPart, bucket: 'other' } }],
    ['another LFN', { lfn: parseLfn('/vo/user/a/alice/other.bin') }],
    ['another object than the LFN', { target: { ...firstPart, key: objectKeyOf(parseLfn('/vo/other')) } }],
    [
      'another upload of the same object',
      { target: target('upload_part', { uploadId: '2~abd', partNumber: 1, sizeBytes: grant.partBytes }) },
    ],
  ])('is nothing for %s, whatever is asked', (_, asked) => {
    for (const use of ['move', 'clear', 'renew'] as const) expect(fault({ ...asked, use })).toMatchObject(foreign);
    // Neither is it told that the token is too old.
    expect(fault({ ...asked, now: later(limitSeconds + 1) })).toMatchObject(foreign);
  });

  test.each<[string, Partial<TargetFacts['item']>, RegExp]>([
    ['one byte more', { partNumber: 1, sizeBytes: 5 * mebibyte + 1 }, /sizeBytes: part 1 has 5242880 bytes, not 5242881/],
    ['one byte less', { partNumber: 1, sizeBytes: 5 * mebibyte - 1 }, /sizeBytes: part 1 has 5242880 bytes/],
    ['the bytes of the whole', { partNumber: 1, sizeBytes: 12 * mebibyte }, /sizeBytes: part 1 has 5242880 bytes/],
    ['any number of bytes', { partNumber: 1 }, /not any number/],
    ['a full last part', { partNumber: 3, sizeBytes: 5 * mebibyte }, /sizeBytes: part 3 has 2097152 bytes/],
    ['a part after the last', { partNumber: 4, sizeBytes: 5 * mebibyte }, /have no part 4/],
    ['part 10 000', { partNumber: 10_000, sizeBytes: 1 }, /have no part 10000/],
    ['no number', { sizeBytes: 5 * mebibyte }, /have no part 0/],
  ])('of an upload is not a part with %s', (_, item, message) => {
    expect(fault({ target: target('upload_part', item) })).toMatchObject({
      code: 'permission-denied',
      message: expect.stringMatching(message),
    });
  });

  test('of all parts together is exactly the size that was permitted', () => {
    const permitted = [1, 2, 3].map((partNumber) => [5, 5, 2][partNumber - 1]! * mebibyte);
    for (const [n, sizeBytes] of permitted.entries())
      expect(fault({ target: target('upload_part', { partNumber: n + 1, sizeBytes }) })).toBeUndefined();
    expect(permitted.reduce((sum, bytes) => sum + bytes)).toBe(grant.sizeBytes);
  });

  test('of a copied part is the same place in the source, and no other', () => {
    const copied = (partNumber: number, from: number, to: number) =>
      fault({ target: target('upload_part_copy', { partNumber, sourceRange: { from, to } }) });
    expect(copied(1, 0, 5 * mebibyte - 1)).toBeUndefined();
    expect(copied(3, 10 * mebibyte, 12 * mebibyte - 1)).toBeUndefined();
    for (const [number, from, to] of [
      [1, 0, 5 * mebibyte],
      [1, 1, 5 * mebibyte],
      [2, 0, 5 * mebibyte - 1],
      [3, 10 * mebibyte, 15 * mebibyte - 1],
    ] as const)
      expect(copied(number, from, to)).toMatchObject({ code: 'permission-denied', message: expect.stringMatching(/sourceRange: part/) });
    expect(fault({ target: target('upload_part_copy', { partNumber: 1 }) })).toMatchObject({ code: 'permission-denied' });
  });

  test('of moving bytes ends with the token; clearing away and renewing end with the session, to the second', () => {
    const fields = { partNumber: 1, sizeBytes: grant.partBytes };
    const at = (use: UploadUse, seconds: number) =>
      fault({ use, now: later(seconds), target: target(use === 'clear' ? 'list_parts' : 'upload_part', fields) })?.code;
    expect([at('move', 599), at('move', 600)]).toEqual([undefined, 'permission-denied']);
    for (const use of ['clear', 'renew'] as const)
      expect([use, at(use, limitSeconds - 1), at(use, limitSeconds)]).toEqual([use, undefined, 'upload-ended']);
  });

  test('of a token to give an upload up with is giving it up, until the token ends', () => {
    const found: UploadGrant = { ...grant, use: 'abort' };
    expect(fault({ grant: found, use: 'clear', target: target('abort_multipart_upload') })).toBeUndefined();
    expect(fault({ grant: found, use: 'clear', target: target('list_parts') })).toBeUndefined();
    for (const use of ['move', 'renew'] as const)
      expect(fault({ grant: found, use })).toMatchObject({
        code: 'permission-denied',
        message: expect.stringMatching(/giving the upload up only/),
      });
    expect(fault({ grant: found, use: 'clear', now: later(600), target: target('list_parts') })).toMatchObject({ code: 'upload-ended' });
  });

  test('of a token no key here opens is nothing, and the answer says what to do', () => {
    const refusal = grantFault(undefined, { identity, lfn, target: firstPart }, { use: 'move', now: later(1), limitSeconds });
    expect(refusal).toMatchObject({
      code: 'upload-ended',
      message: expect.stringMatching(/none of the keys of this gateway; begin the upload again/),
    });
  });
});
