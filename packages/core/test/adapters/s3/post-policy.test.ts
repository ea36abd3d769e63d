import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createFormSigner } from '../../../src/adapters/s3/post-policy.js';
import type { PresignItem } from '../../../src/domain/index.js';
import { keys, storageElement, targetOf } from './targets.js';

const signedAt = new Date('2026-11-24T12:34:56Z');
const expiresAt = new Date('2026-11-24T12:49:56Z');
const { region } = storageElement();
const form = (item: Partial<PresignItem> = {}, credentials = keys('MAIN')) =>
  createFormSigner(region, credentials)(
    targetOf(item.lfn ?? '/vo/a', { method: 'put_object', upload: 'post', item: { lfn: '/vo/a', ...item } }),
    { now: signedAt, expiresAt },
  );
const policyOf = ({ fields }: ReturnType<typeof form>): { expiration: string; conditions: unknown[] } =>
  JSON.parse(Buffer.from(fields.policy!, 'base64').toString()) as { expiration: string; conditions: unknown[] };

/** Form fields a store does not hold against the policy (S3 User Guide, "POST policy": all others need a condition). */
const exempt = new Set(['policy', 'x-amz-signature']);

describe('a POST form', () => {
  test('fixes every field by an equal condition, none by a prefix', () => {
    const signed = form(
      { checksum: '0a1b2c3d', metadata: { owner: 'alice' }, contentType: 'text/plain' },
      keys('TEMP', { token: 'token' }),
    );
    const { conditions } = policyOf(signed);
    const exact = Object.entries(signed.fields).filter(([name]) => !exempt.has(name));
    expect(conditions).toEqual([
      { bucket: 'bucket' },
      ...exact.map(([name, value]) => ({ [name]: value })),
      ['content-length-range', 0, 5_368_709_120],
    ]);
    expect(exact.map(([name]) => name)).toEqual([
      'key',
      'Content-Type',
      'x-amz-meta-checksum',
      'x-amz-meta-owner',
      'success_action_status',
      'x-amz-algorithm',
      'x-amz-credential',
      'x-amz-date',
      'x-amz-security-token',
    ]);
  });

  test('leaves no room for an access list, a redirect, tags or a copy source', () => {
    expect(JSON.stringify(policyOf(form()))).not.toMatch(/acl|grant|redirect|tagging|copy|starts-with|encryption/);
    expect(Object.keys(form().fields)).not.toContain('acl');
  });

  test('takes exactly the announced size', () => {
    expect(policyOf(form({ sizeBytes: 11 })).conditions).toContainEqual(['content-length-range', 11, 11]);
    expect(policyOf(form({ sizeBytes: 0 })).conditions).toContainEqual(['content-length-range', 0, 0]);
  });

  test('takes at most the announced bound', () => {
    expect(policyOf(form({ maxSizeBytes: 11 })).conditions).toContainEqual(['content-length-range', 0, 11]);
    expect(policyOf(form({ maxSizeBytes: 0 })).conditions).toContainEqual(['content-length-range', 0, 0]);
  });

  test('ends when it says', () => {
    expect(policyOf(form()).expiration).toBe('2026-11-24T12:49:56.000Z');
  });

  test('names exactly the key of the LFN, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
        const lfn = `/vo/${text.replace(/[/\\?#\p{Cc}.]/gu, '_')}`;
        const signed = form({ lfn });
        expect(signed.fields.key).toBe(lfn.slice(1));
        expect(policyOf(signed).conditions).toContainEqual({ key: lfn.slice(1) });
      }),
    );
  });

  test('is sent to the bucket, in either style', () => {
    expect(form().url).toBe('http://store.example.org:9000/bucket');
    const virtual = targetOf('/vo/a', { upload: 'post', storageElement: storageElement({ addressingStyle: 'virtual-host' }) });
    expect(createFormSigner(region, keys('MAIN'))(virtual, { now: signedAt, expiresAt }).url).toBe('http://bucket.store.example.org:9000/');
  });

  test('has another signature for any other content, date or key', () => {
    const signatures = [
      form(),
      form({ sizeBytes: 1 }),
      form({ maxSizeBytes: 1 }),
      form({ checksum: '00000001' }),
      form({ lfn: '/vo/b' }),
      form({}, keys('OTHER')),
      form({}, keys('MAIN', { secret: 'renewed' })),
    ].map(({ fields }) => fields['x-amz-signature']);
    expect(new Set(signatures).size).toBe(signatures.length);
    expect(form().fields['x-amz-signature']).toBe(signatures[0]);
  });

  test('is the same whatever was signed before: nothing held is used where it does not belong', () => {
    const midnight = new Date('2026-11-25T00:00:00Z').getTime();
    const target = targetOf('/vo/a', { method: 'put_object', upload: 'post' });
    const used = createFormSigner(region, keys('MAIN', { token: 'a token' }));
    for (const offset of [-1000, 0, -1, 999, 86_400_000, -86_400_000, 0]) {
      const terms = { now: new Date(midnight + offset), expiresAt };
      expect(used(target, terms)).toEqual(createFormSigner(region, keys('MAIN', { token: 'a token' }))(target, terms));
    }
  });
});
