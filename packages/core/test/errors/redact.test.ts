import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { redact } from '../../src/errors/index.js';

const signature = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

describe('redact takes out', () => {
  test.each<[string, string, string[]]>([
    [
      'a presigned URL (SigV4)',
      `https://h/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20260131&X-Amz-Security-Token=FwoG%2FXIv&X-Amz-Signature=${signature}`,
      ['AKIAEXAMPLE', 'FwoG', signature],
    ],
    ['a presigned URL (SigV2)', 'http://h/b/k?AWSAccessKeyId=AKIAEXAMPLE&Signature=abc%2Bdef%3D&Expires=1', ['AKIAEXAMPLE', 'abc%2Bdef']],
    ['one in lower case', `https://h/b/k?x-amz-signature=${signature}`, [signature]],
    [
      'one inside XML',
      `<Resource>https://h/b/k?a=1&amp;X-Amz-Credential=AKIAEXAMPLE&amp;X-Amz-Signature=${signature}</Resource>`,
      ['AKIAEXAMPLE', signature],
    ],
    [
      'one inside JSON that escapes "&"',
      `{"url":"https://h/b/k?a=1\\u0026X-Amz-Security-Token=FwoGXIv\\u0026X-Amz-Signature=${signature}"}`,
      ['FwoGXIv', signature],
    ],
    [
      'one that is a parameter itself',
      `?next=https%3A%2F%2Fh%3FX-Amz-Credential%3DAKIAEXAMPLE%26X-Amz-Signature%3D${signature}%26x`,
      ['AKIAEXAMPLE', signature],
    ],
    ['a bare query', `X-Amz-Signature=${signature}&X-Amz-Credential=AKIAEXAMPLE`, [signature, 'AKIAEXAMPLE']],
    ['a signature in base64 at the start', 'Signature=Zm9vYmFy+/x=', ['Zm9vYmFy']],
    [
      'POST policy fields',
      `{"policy":"eyJleHBpcmF0aW9uIjoi","x-amz-signature": "${signature}","x-amz-credential":"AKIAEXAMPLE/x"}`,
      ['eyJleHB', signature, 'AKIAEXAMPLE'],
    ],
    [
      'an Authorization header',
      `authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/x, Signature=${signature}`,
      ['AKIAEXAMPLE', signature],
    ],
    ['one in JSON', '{"Authorization":"Basic YWxpY2U6cHc="}', ['YWxpY2U6cHc']],
    ['a bearer token', `sent Bearer ${jwt}`, [jwt, 'eyJzdWIi']],
    ['a JWT anywhere', `token ${jwt} is old`, [jwt, 'eyJzdWIi']],
    ['an option of a configuration', 'Aws_secret_access_key = wJalr/XUtn+FEMI', ['wJalr', 'FEMI']],
    ['an option with a comma or quote in it', `Aws_secret_access_key = wJ,al"r'XU}tn`, ['wJ,', 'al"r', 'XU}tn']],
    ['an option in quotes', `Aws_session_token = "FwoG XIv"`, ['FwoG', 'XIv']],
    ['the write-only key', 'Aws_write_secret_access_key=zzWriter', ['zzWriter']],
    ['the key of an SDK object', `{ secretAccessKey: 'wJalr', sessionToken: 'FwoG' }`, ['wJalr', 'FwoG']],
    ['the key in JSON', `{"secretAccessKey":"wJalr","x":1}`, ['wJalr']],
  ])('%s', (_, text, secrets) => {
    for (const secret of secrets) {
      expect(text).toContain(secret);
      expect(redact(text)).not.toContain(secret);
    }
  });

  test('it wherever it stands, and however often', () => {
    const url = (text: string): string => `https://h/b/k?X-Amz-Signature=${text}`;
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[0-9a-f]{20,64}$/), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(' ', '\n', '", "', '<br>'),
        (all, glue) => {
          const text = redact(all.map(url).join(glue));
          for (const secret of all) expect(text).not.toContain(secret);
        },
      ),
    );
  });
});

describe('redact leaves alone', () => {
  test.each([
    'permission denied for /vo/user/a/alice/file',
    'https://h/b/k?X-Amz-Expires=3600&X-Amz-Date=20260131T000000Z',
    'The signature does not match',
    'policy: need-write',
    'Aws_secret_access_key must be set',
    'no Authorization header',
    '/vo/user/eye/file.txt',
    '',
  ])('%j', (text) => expect(redact(text)).toBe(text));

  test('the rest of the text around a secret', () => {
    expect(redact(`GET https://h/b/k?X-Amz-Date=1&X-Amz-Signature=${signature}&x=1 gave 403`)).toBe(
      'GET https://h/b/k?X-Amz-Date=1&X-Amz-Signature=REDACTED&x=1 gave 403',
    );
    expect(redact('{"secretAccessKey":"wJalr","x":1}')).toBe('{"secretAccessKey":"REDACTED","x":1}');
  });

  test('what it has redacted already', () => {
    const once = redact(`x?X-Amz-Signature=${signature} Bearer ${jwt} Aws_secret_access_key = a`);
    expect(redact(once)).toBe(once);
  });

  test('it is quick with long hostile texts', () => {
    for (const text of [
      'Authorization:'.repeat(20_000),
      '&X-Amz-Signature='.repeat(20_000),
      'eyJ'.repeat(100_000),
      'secretAccessKey='.repeat(20_000),
    ]) {
      expect(redact(text).length).toBeLessThanOrEqual(text.length * 2);
    }
  });
});
