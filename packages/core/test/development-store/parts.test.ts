import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ByteReader } from '../../src/testing/development-store/byte-reader.js';
import { checksumDigest } from '../../src/testing/development-store/digests.js';
import { readPostForm } from '../../src/testing/development-store/post-form.js';
import { sameText, sign, signingKey } from '../../src/testing/development-store/sigv4.js';
import { decodeUri, encodeUri } from '../../src/testing/development-store/uri.js';
import { elementText, xmlDocument } from '../../src/testing/development-store/xml.js';
import { encodeForm } from '../store-conformance/talk.js';

/** The same bytes cut into chunks elsewhere. */
async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

const anyText = fc.string({ unit: 'grapheme' });

describe('reading bytes', () => {
  it('finds a delimiter wherever the chunks are cut', async () => {
    const head = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes.map((byte) => byte % 4)));
    await fc.assert(
      fc.asyncProperty(head, fc.integer({ min: 1, max: 9 }), async (before, size) => {
        const delimiter = '\r\n--end';
        const reader = new ByteReader(chunked(Buffer.concat([before, Buffer.from(`${delimiter}after`)]), size));
        expect(await collect(reader.streamUntil(delimiter, () => new Error('missing')))).toEqual(before);
        expect(String(await collect(reader.take(5)))).toBe('after');
      }),
    );
  });

  it('throws when the delimiter never comes, and gives up at the limit', async () => {
    const bytes = Buffer.from('no end');
    await expect(collect(new ByteReader(chunked(bytes, 2)).streamUntil('|', () => new Error('missing')))).rejects.toThrow('missing');
    expect(await new ByteReader(chunked(bytes, 2)).readUntil('|', 3)).toBeUndefined();
    expect(await new ByteReader(chunked(bytes, 2)).readUntil('|', 100)).toBeUndefined();
  });

  it('reads a form and its file wherever the chunks are cut', async () => {
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), anyText, { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(values, fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), async (fields, content, size) => {
        fc.pre(!('file' in fields));
        const { body, contentType } = encodeForm(fields, Buffer.from(content), { after: 'ignored' });
        const form = await readPostForm(contentType, chunked(body, size));
        expect(Object.fromEntries(form.fields)).toEqual({ ...fields });
        expect(await collect(form.file)).toEqual(Buffer.from(content));
      }),
    );
  });
});

describe('encoding', () => {
  it('decodes what it encodes', () => {
    fc.assert(fc.property(anyText, (text) => expect(decodeUri(encodeUri(text))).toBe(text)));
  });

  it('decodes once only and leaves a plus alone', () => {
    expect(decodeUri('%252e+%2B')).toBe('%2e++');
    expect(encodeUri("a b/c+(d)!'*~é")).toBe('a%20b%2Fc%2B%28d%29%21%27%2A~%C3%A9');
    expect(encodeUri('a b/c', { keepSlash: true })).toBe('a%20b/c');
  });

  it.each(['%', '%4', '%zz', '%ff', '%c3'])('refuses %s', (raw) => {
    expect(() => decodeUri(raw)).toThrow(expect.objectContaining({ code: 'InvalidURI' }));
  });

  it('reads back the text it wrote as XML', () => {
    fc.assert(fc.property(anyText, (text) => expect(elementText(xmlDocument(['Key', text]), 'Key')).toBe(text.trim())));
  });
});

describe('digests and signatures', () => {
  const bytes = Buffer.from('123456789');

  it('knows the check values of the checksums', () => {
    const value = (name: string): string => {
      const digest = checksumDigest(`x-amz-checksum-${name}`);
      digest.update(bytes.subarray(0, 4));
      digest.update(bytes.subarray(4));
      return digest.value().toString('hex');
    };
    expect(value('crc32')).toBe('cbf43926');
    expect(value('crc32c')).toBe('e3069283');
    expect(value('sha1')).toBe(createHash('sha1').update(bytes).digest('hex'));
    expect(crc32(bytes).toString(16)).toBe('cbf43926');
    expect(() => checksumDigest('x-amz-checksum-crc64nvme')).toThrow(expect.objectContaining({ code: 'NotImplemented' }));
  });

  it('derives the signing key of the example in the specification', () => {
    // "Examples: Signature Calculations in AWS Signature Version 4", GET Object.
    const scope = { date: '20130524', region: 'us-east-1', service: 's3', terminator: 'aws4_request' };
    const key = signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope);
    const text = [
      'AWS4-HMAC-SHA256',
      '20130524T000000Z',
      '20130524/us-east-1/s3/aws4_request',
      '7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972',
    ].join('\n');
    expect(sign(key, text)).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
  });

  it('compares texts of any length', () => {
    expect([sameText('a', 'a'), sameText('a', 'b'), sameText('a', 'aa'), sameText('', '')]).toEqual([true, false, false, true]);
  });
});
