import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { redact } from '../../src/errors/index.js';

const signature = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

const policy = Buffer.from(JSON.stringify({ expiration: '2026-01-31T12:00:00Z', conditions: [{ bucket: 'b' }] })).toString('base64');
const fields = {
  key: 'vo/a',
  'x-amz-credential': 'AKIAEXAMPLE/20260131/us-east-1/s3/aws4_request',
  'x-amz-security-token': 'FwoG/XIv+=',
  policy,
  'x-amz-signature': signature,
};
const ofFields = [policy, signature, 'AKIAEXAMPLE', 'FwoG', 'XIv'];
const old = { AWSAccessKeyId: 'AKIAEXAMPLE', policy, signature: 'Zm9vYmFyL2JhejEyMzQ1Njc4OTA=' };

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
    ['a link of the probe listener', 'GET https://gw/p/probe1.WyJDRVJOLVMzIl0.c2lnbmF0dXJl-_x HTTP', ['WyJDRVJO', 'c2lnbmF0']],
    ['half of one', 'probe1.WyJDRVJOLVMzIl0', ['WyJDRVJO']],
    ['an upload token', 'uploadToken=upload1.WyJDRVJOLVMzIl0.c2lnbmF0dXJl-_x', ['WyJDRVJO', 'c2lnbmF0']],
    ['a JWT anywhere', `token ${jwt} is old`, [jwt, 'eyJzdWIi']],
    ['an option of a configuration', 'Aws_secret_access_key = wJalr/XUtn+FEMI', ['wJalr', 'FEMI']],
    ['an option with a comma or quote in it', `Aws_secret_access_key = wJ,al"r'XU}tn`, ['wJ,', 'al"r', 'XU}tn']],
    ['an option in quotes', `Aws_session_token = "FwoG XIv"`, ['FwoG', 'XIv']],
    ['the write-only key', 'Aws_write_secret_access_key=zzWriter', ['zzWriter']],
    ['the key of an SDK object', `{ secretAccessKey: 'wJalr', sessionToken: 'FwoG' }`, ['wJalr', 'FwoG']],
    ['a form as it is inspected', inspect({ kind: 'post', url: 'https://h/b', fields }), ofFields],
    ['a form inspected on one line', inspect(fields, { breakLength: Infinity }), ofFields],
    ['a map of fields', inspect(new Map(Object.entries(fields))), ofFields],
    ['a form inside a text that is inspected', inspect({ body: inspect(fields) }), ofFields],
    ['a form in JSON inside JSON', JSON.stringify({ body: JSON.stringify(fields) }), ofFields],
    ['a form of SigV2', inspect(old), [policy, 'AKIAEXAMPLE', 'Zm9vYmFyL2Jhej']],
    [
      'headers as they are sent',
      `PUT /b/k HTTP/1.1\r\nX-Amz-Security-Token: FwoG/XIv\r\nx-amz-signature:${signature}\r\nHost: h`,
      ['FwoG', signature],
    ],
    ['one query after another word', `the query X-Amz-Credential=AKIAEXAMPLE`, ['AKIAEXAMPLE']],
    ['user and password of a URL', 'cannot fetch https://svc:hunter2@idp.example.org/keys', ['svc', 'hunter2']],
    ['a password with an "@" in it', 'https://svc:hun@ter2@idp.example.org', ['hun', 'ter2']],
    ['a token in place of a user', 'https://ghp_token@idp.example.org', ['ghp_token']],
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
    '/demo/user/a/alice/signature=v2/secret.bin: permission denied',
    '/demo/user/a/alice/X-Amz-Signature=v2/secret.bin',
    '/demo/user/a/alice/x-amz-signature:v2/secret.bin',
    'no permission for /demo/AWSAccessKeyId=x/policy: own',
    "policy: 'need-write', signature: 'does not match what was sent'",
    "{ policy: 'as-dirac' }",
    's3://store.example.org:9000/bucket/vo/user/a/alice/mail@example.org',
    'alice@example.org',
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

  test.each(['x', 'x-', 'a.b.', 'a.', '.', '-.'])('nothing of a token behind %j', (front) => {
    const text = redact(`${front}${jwt} and ${jwt}`);
    for (const part of jwt.split('.')) expect(front === 'x' ? text.replace(`x${jwt}`, '') : text).not.toContain(part);
  });

  test('it is quick with long hostile texts', () => {
    for (const text of [
      'Authorization:'.repeat(20_000),
      '&X-Amz-Signature='.repeat(20_000),
      'eyJ'.repeat(100_000),
      'eyJ-'.repeat(250_000),
      `${'eyJ-'.repeat(100_000)}.`,
      'eyJ-.'.repeat(100_000),
      'secretAccessKey='.repeat(20_000),
      '://'.repeat(20_000),
      `://${'x'.repeat(100_000)}`,
      'policy:'.repeat(20_000),
      `policy: '${'a'.repeat(100_000)}`,
      'x-amz-signature: '.repeat(20_000),
      '%25'.repeat(30_000),
      `${'%25'.repeat(1_000)}3FSignature=`.repeat(20),
    ]) {
      expect(redact(text).length).toBeLessThanOrEqual(text.length * 2);
    }
  });
});
