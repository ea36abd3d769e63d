import { DiracS3Error, redact } from '@dirac-s3/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway } from '../support/gateway.js';
import { fakeServices } from '../support/services.js';
import { startRpcWorld, type Answer, type RpcWorld } from './support.js';

let world: RpcWorld;
beforeAll(async () => {
  world = await startRpcWorld();
});
afterAll(() => world.close());

const home = 's3://127.0.0.1:19000/bucket1/dirac/user/c/ciuser';
const mine = `${home}/f1.txt`;
const his = 's3://127.0.0.1:19000/bucket1/dirac/user/o/other/secret';
const signed = /^http:\/\/127\.0\.0\.1:19000\/[a-z0-9-]+\/dirac\/user\/c\/ciuser\/[a-z0-9.]+\?X-Amz-.*X-Amz-Signature=[0-9a-f]{64}/;

const get = (urls: unknown, storageName = 'S3-INDIRECT', expiration: unknown = 3600) =>
  world.presign(storageName, 'get_object', urls, expiration);
const put = (urls: unknown, storageName = 'S3-INDIRECT') => world.presign(storageName, 'put_object', urls, 3600);
const refusal = (text: string): object => ({ OK: false, Errno: 22, Message: `Invalid argument ( 22 : ${text})` });
const keys = ({ Value }: Answer): string[] => [...Object.keys(Value.Successful), ...Object.keys(Value.Failed)].sort();
const formOf = ({ Value }: Answer, url: string) => Value.Successful[url] as { url: string; fields: Record<string, string> };

describe('permission', () => {
  it('refused is exactly "Permission denied", beside what is granted', async () => {
    const answer = await get({ [mine]: false, [his]: false });
    expect(answer).toMatchObject({ OK: true, Value: { Failed: { [his]: 'Permission denied' } } });
    expect(answer.Value.Successful).toEqual({ [mine]: expect.stringMatching(signed) });
  });

  it.each(['head_object', 'get_object', 'delete_object'])("refuses another user's file for %s", async (method) => {
    expect((await world.presign('S3-INDIRECT', method, { [his]: false }, 60)).Value).toEqual({
      Successful: {},
      Failed: { [his]: 'Permission denied' },
    });
  });

  it('is asked in bulk: a fixed number of calls, whatever the number of URLs', async () => {
    const services = fakeServices();
    const gateway = await startTestGateway({ services });
    const urls = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`s3://store.internal:9000/data/vo/a/${at}`, false]));
    const body = new URLSearchParams({ method: 'createPresignedUrl', args: JSON.stringify(['CERN-S3', 'get_object', urls, 60]) });
    const token = await gateway.issuer.mint({ username: 'alice', group: 'vo_user' });
    const response = await fetch(`${gateway.server.url}/DataManagement/S3Gateway`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(Object.keys(((await response.json()) as Answer).Value.Successful)).toHaveLength(100);
    expect(services.asked.map(({ what }) => what)).toEqual(['presignUrls']);
    await gateway.close();
  });

  it('of a caller who is no user in a group is not asked: hosts and visitors have no LFNs', async () => {
    const services = fakeServices();
    const gateway = await startTestGateway({
      services,
      authenticate: () => Promise.resolve({ credentials: { group: 'hosts' }, identity: undefined }),
    });
    const body = new URLSearchParams({ method: 'createPresignedUrl', args: JSON.stringify(['CERN-S3', 'get_object', {}, 60]) });
    const response = await fetch(`${gateway.server.url}/DataManagement/S3Gateway`, { method: 'POST', body });
    expect(await response.json()).toEqual({
      OK: false,
      Errno: 13,
      Message: 'Permission denied ( 13 : Could not obtain remote credentials)',
    });
    expect(services.asked).toEqual([]);
    await gateway.close();
  });

  it.each<[string, Error, string]>([
    ['cannot be asked', new DiracS3Error('catalog-unavailable', 'no answer'), 'FileCatalog error ( 1604 : no answer)'],
    [
      'refuses in its own words',
      new DiracS3Error('service-error', 'Permission denied ( 13 : No access to https://fc:8443/DataManagement/FileCatalog)'),
      'Permission denied ( 13 : No access to https://fc:8443/DataManagement/FileCatalog)',
    ],
  ])('of a catalog that %s fails each URL, as in the original', async (_title, fault, text) => {
    const gateway = await startTestGateway({ services: fakeServices({ presignUrls: () => Promise.reject(fault) }) });
    const token = await gateway.issuer.mint({ username: 'alice', group: 'vo_user' });
    const url = 's3://store.internal:9000/data/vo/a/1';
    const body = new URLSearchParams({ method: 'createPresignedUrl', args: JSON.stringify(['CERN-S3', 'get_object', [url, 'x'], 60]) });
    const response = await fetch(`${gateway.server.url}/DataManagement/S3Gateway`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toEqual({ OK: true, Value: { Successful: {}, Failed: { [url]: text, x: text } } });
    await gateway.close();
  });

  it('is written to the audit log, and no URL to any log', async () => {
    const before = world.log().length;
    await get({ [`${home}/audited`]: false });
    const log = world.log().slice(before);
    expect(log).toContain('"lfn":"/dirac/user/c/ciuser/audited"');
    expect(log).not.toContain('X-Amz-Signature');
  });
});

describe('URLs', () => {
  it('come as a dict or as a list, and every one comes back exactly as it was sent', async () => {
    const asked = [
      mine,
      `${home}/b`,
      'not a url',
      '',
      's3://127.0.0.1:19000/bucket2/dirac/x',
      `${home}/../x`,
      '__proto__',
      'constructor',
      '7',
      '\ud800',
    ];
    const list = await get(asked);
    expect(keys(list)).toEqual([...asked].sort());
    expect(Object.keys(list.Value.Successful).sort()).toEqual([`${home}/b`, mine].sort());
    const text = JSON.stringify(Object.fromEntries(asked.filter((url) => url !== '__proto__').map((url) => [url, false])));
    const response = await world.call('createPresignedUrl', ['S3-INDIRECT', 'get_object', 0, 60]);
    expect(await response.json()).toEqual(refusal('urls: must be a dict or a list'));
    const dict = await world.post(
      new URLSearchParams({
        method: 'createPresignedUrl',
        args: `["S3-INDIRECT", "get_object", {"__proto__": 1, ${text.slice(1)}, 60]`,
      }).toString(),
    );
    expect(keys((await dict.json()) as Answer)).toEqual([...asked].sort());
  });

  it.each([
    ['another host', 's3://127.0.0.2:19000/bucket1/dirac/user/c/ciuser/f', 'the host is not that of the StorageElement ("127.0.0.1")'],
    ['another port', 's3://127.0.0.1:19001/bucket1/dirac/user/c/ciuser/f', 'the port is not that of the StorageElement (19000)'],
    [
      'port 0 where the SE has another',
      's3://127.0.0.1:0/bucket1/dirac/user/c/ciuser/f',
      'the port is not that of the StorageElement (19000)',
    ],
    ['another bucket', 's3://127.0.0.1:19000/bucket2/dirac/user/c/ciuser/f', 'the bucket is not that of the StorageElement ("bucket1")'],
    ['a bucket that starts alike', 's3://127.0.0.1:19000/bucket11/dirac/f', 'the bucket is not that of the StorageElement ("bucket1")'],
    ['another scheme', 'https://127.0.0.1:19000/bucket1/dirac/f', 'the scheme must be "s3", not "https"'],
    ['a way up', `${home}/../other/f`, 'an LFN must not contain "." or ".." segments'],
    ['an empty segment', `${home}//f`, 'an LFN must not contain an empty segment ("//")'],
    ['a query', `${home}/f?x`, 'an LFN must not contain "?"'],
    ['no name', 's3://127.0.0.1:19000/bucket1/', 'the root directory is not a file name'],
    ['a user', 's3://u@127.0.0.1:19000/bucket1/dirac/f', 'the host part is not host[:port]'],
  ])('with %s is refused, alone', async (_title, url, fault) => {
    const answer = await get([url, mine]);
    expect(answer.Value.Failed).toEqual({ [url]: redact(`Invalid argument ( 22 : "${url}": ${fault})`) });
    expect(Object.keys(answer.Value.Successful)).toEqual([mine]);
  });

  it('of an SE without a port may say ":0", as clients do, and other spellings of one name share one answer', async () => {
    const spellings = ['s3://plain.example.org:0', 's3://plain.example.org', 's3://plain.example.org:80', 's3://PLAIN.example.org:0'];
    const urls = spellings.map((place) => `${place}/plain/dirac/user/c/ciuser/f`);
    const { Value } = await get(Object.fromEntries(urls.map((url) => [url, false])), 'S3-PLAIN');
    expect(Object.keys(Value.Successful).sort()).toEqual([...urls].sort());
    expect(new Set(Object.values(Value.Successful)).size).toBe(1);
    expect(Value.Successful[urls[0]!]).toMatch(/^http:\/\/plain\.example\.org\/plain\/dirac\/user\/c\/ciuser\/f\?X-Amz/);
  });

  it('that name one LFN with different fields fail both: one answer cannot speak for two', async () => {
    const [one, two] = [
      's3://plain.example.org:0/plain/dirac/user/c/ciuser/f',
      's3://plain.example.org/plain/dirac/user/c/ciuser/f',
    ] as const;
    const answer = await put({ [one]: { 'x-amz-meta-checksum': '00000001' }, [two]: {} }, 'S3-PLAIN');
    expect(Object.keys(answer.Value.Failed).sort()).toEqual([one, two].sort());
    expect(answer.Value.Failed[one]).toContain('asked more than once with different fields');
  });

  it('may be none', async () => expect(await get({})).toEqual({ OK: true, Value: { Successful: {}, Failed: {} } }));

  it.each([
    ['a number', 5],
    ['text', mine],
    ['nothing', null],
  ])('are refused as a whole when they are %s', async (_title, urls) =>
    expect(await get(urls)).toEqual(refusal('urls: must be a dict or a list')),
  );

  it('in a list are text, and none is the key of a tag', async () => {
    expect(await get([mine, 5])).toEqual(refusal('urls: must be a list of texts'));
    expect(await get([mine, '__dCls'])).toEqual(refusal('urls: "__dCls" cannot be a key'));
  });

  it('are at most as many as the gateway accepts: ten thousand are answered, one more is not', async () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`${home}/${at}`, false]));
    const answer = await get(many(10_000));
    expect(Object.keys(answer.Value.Successful)).toHaveLength(10_000);
    expect(await get(many(10_001))).toEqual({
      OK: false,
      Errno: 7,
      Message: 'Argument list too long ( 7 : urls: 10001 are too many, this gateway accepts 10000 in one call)',
    });
  });

  it('of a megabyte are refused in a few words', async () => {
    const long = `${home}/${'x'.repeat(1_000_000)}`;
    const { Value } = await get([long]);
    expect(Object.keys(Value.Failed)).toEqual([long]);
    expect(Value.Failed[long]!.length).toBeLessThan(500);
    const scheme = `${'s'.repeat(1_000_000)}://x/y`;
    expect((await get([scheme])).Value.Failed[scheme]!.length).toBeLessThan(500);
  });
});

describe('put_object', () => {
  it('wants a dict, and says so in the words of the original', async () => {
    const text = refusal('urls has to be a dict <url:fields>');
    for (const urls of [[mine], null, 'x', 5]) expect(await put(urls)).toEqual(text);
  });

  it('answers {url, fields}: the fields in the order a client sends them, the policy binding each of them', async () => {
    const wanted = { 'x-amz-meta-checksum': '10C902E5', 'Content-Type': 'text/plain', 'x-amz-meta-run': '42 a', 'X-Amz-Meta-Site': 'CERN' };
    const { url, fields } = formOf(await put({ [mine]: wanted }), mine);
    expect(url).toBe('http://127.0.0.1:19000/bucket1');
    expect(Object.keys(fields)).toEqual([
      'key',
      'Content-Type',
      'x-amz-meta-checksum',
      'x-amz-meta-run',
      'x-amz-meta-site',
      'success_action_status',
      'x-amz-algorithm',
      'x-amz-credential',
      'x-amz-date',
      'policy',
      'x-amz-signature',
    ]);
    const { conditions } = JSON.parse(Buffer.from(fields.policy!, 'base64').toString()) as { conditions: unknown[] };
    for (const bound of [
      { 'x-amz-meta-checksum': '10c902e5' },
      { 'Content-Type': 'text/plain' },
      { 'x-amz-meta-run': '42 a' },
      { 'x-amz-meta-site': 'CERN' },
      { key: 'dirac/user/c/ciuser/f1.txt' },
    ]) {
      expect(conditions).toContainEqual(bound);
      expect(fields).toMatchObject(bound);
    }
  });

  it('writes the checksum of an empty file with eight digits, though DIRAC writes six', async () => {
    const { fields } = formOf(await put({ [mine]: { 'x-amz-meta-checksum': '000001' } }), mine);
    expect(fields['x-amz-meta-checksum']).toBe('00000001');
  });

  it.each([[false], [0], [null], [1.5], [''], ['text'], [{}], [{ __dCls: 'b64', obj: '' }], [[]]])(
    'takes %j for no fields, or refuses it',
    async (value) => {
      const answer = await put({ [mine]: value });
      if (Array.isArray(value) || (typeof value === 'object' && value !== null && '__dCls' in value)) {
        expect(answer.Value.Failed).toEqual({ [mine]: 'Invalid argument ( 22 : the fields must be a dict)' });
      } else expect(formOf(answer, mine).fields).not.toHaveProperty('x-amz-meta-checksum');
    },
  );

  it.each<[object, string]>([
    [{ acl: 'public-read' }, 'field "acl": only Content-Type and x-amz-meta-* can be set'],
    [{ key: 'elsewhere' }, 'field "key": only Content-Type and x-amz-meta-* can be set'],
    [{ success_action_redirect: 'http://x' }, 'field "success_action_redirect": only Content-Type and x-amz-meta-* can be set'],
    [{ 'x-amz-storage-class': 'X' }, 'field "x-amz-storage-class": only Content-Type and x-amz-meta-* can be set'],
    [JSON.parse('{"__proto__": "x"}') as object, 'field "__proto__": only Content-Type and x-amz-meta-* can be set'],
    [{ 'x-amz-meta-run': 5 }, 'field "x-amz-meta-run": must be text'],
    [{ 'x-amz-meta-checksum': false }, 'field "x-amz-meta-checksum": must be text'],
    [{ 'x-amz-meta-checksum': 'md5:0' }, 'field "x-amz-meta-checksum": must be an Adler-32 in hexadecimal digits'],
    [{ 'x-amz-meta-checksum': '' }, 'field "x-amz-meta-checksum": must be an Adler-32 in hexadecimal digits'],
    [{ 'x-amz-meta-a': '1', 'X-AMZ-META-A': '2' }, 'field "X-AMZ-META-A": is there twice'],
    [{ 'Content-Type': 'no type' }, '/dirac/user/c/ciuser/f1.txt: contentType: must be a media type'],
  ])('refuses the fields %j for their URL, beside one that is well', async (fields, fault) => {
    const answer = await put({ [mine]: fields, [`${home}/b`]: false });
    expect(answer.Value.Failed).toEqual({ [mine]: `Invalid argument ( 22 : ${fault})` });
    expect(Object.keys(answer.Value.Successful)).toEqual([`${home}/b`]);
  });

  it('is refused where a name of the form would become another', async () => {
    const url = `${home}/\${filename}`;
    expect((await put({ [url]: false })).Value.Failed[url]).toContain('would replace');
  });

  it('of other methods the values do not matter', async () => {
    for (const value of [false, 1, null, 'x', [1], { acl: 'public-read' }]) {
      expect((await get({ [mine]: value })).Value.Successful).toEqual({ [mine]: expect.stringMatching(signed) });
    }
  });
});

describe('s3_method', () => {
  it.each(['bogus_method', 'GET_OBJECT', '', 'upload_part', 'create_multipart_upload', 'list_parts', 'toString', '__proto__'])(
    'is one of the four of the original, not %j: that fails each URL',
    async (method) => {
      const answer = await world.presign('S3-INDIRECT', method, { [mine]: false, x: 1 }, 3600);
      const text = `Invalid argument ( 22 : Unknown S3 method ${method})`;
      expect(answer).toEqual({ OK: true, Value: { Successful: {}, Failed: { [mine]: text, x: text } } });
    },
  );

  it('is text', async () => expect(await world.presign('S3-INDIRECT', 5, {}, 60)).toEqual(refusal('s3_method: must be text')));

  it.each([
    ['head_object', /\/bucket1\/dirac\/user\/c\/ciuser\/f1\.txt\?/],
    ['get_object', /\/bucket1\/dirac\/user\/c\/ciuser\/f1\.txt\?/],
    ['delete_object', /\/bucket1\/dirac\/user\/c\/ciuser\/f1\.txt\?/],
  ])('%s is answered with a text', async (method, pattern) =>
    expect((await world.presign('S3-INDIRECT', method, [mine], 60)).Value.Successful[mine]).toMatch(pattern),
  );
});

describe('expiration', () => {
  const outOfRange = refusal('expiration: must be a whole number of seconds from 1 to 86400');
  it.each([
    ['"60"', '60'],
    ['0', 0],
    ['-1', -1],
    ['86401', 86_401],
    ['1.5', 1.5],
    ['null', null],
    ['true', true],
    ['[60]', [60]],
    ['{}', {}],
  ])('is a whole number from 1 to 86400, not %s', async (_title, expiration) =>
    expect(await get([mine], 'S3-INDIRECT', expiration)).toEqual(outOfRange),
  );

  it.each(['NaN', 'Infinity', '99999999999999999999999999', `1${'0'.repeat(4000)}`, '1e400'])('is not %s', async (token) => {
    const body = new URLSearchParams({ method: 'createPresignedUrl', args: `["S3-INDIRECT", "get_object", [], ${token}]` });
    expect(await (await world.post(body.toString())).json()).toEqual(outOfRange);
  });

  it('of more than an hour is for downloads alone', async () => {
    for (const method of ['head_object', 'put_object', 'delete_object']) {
      expect(await world.presign('S3-INDIRECT', method, {}, 3601)).toEqual(
        refusal('expiration: more than 3600 seconds are for get_object alone'),
      );
    }
    expect((await get([mine], 'S3-INDIRECT', 86_400)).Value.Successful[mine]).toContain('X-Amz-Expires=86400');
    expect((await get([mine], 'S3-INDIRECT', 3600)).Value.Successful[mine]).toContain('X-Amz-Expires=3600');
    expect((await get([mine], 'S3-INDIRECT', 1)).Value.Successful[mine]).toContain('X-Amz-Expires=1&');
  });

  it("is refused beyond the SE's own cap, not shortened", async () => {
    const url = 's3://127.0.0.1:19000/short/dirac/user/c/ciuser/f';
    expect(await get([url], 'S3-SHORT', 601)).toEqual(
      refusal('expirationSeconds: 601 is beyond 600, the cap of S3-SHORT for transfer URLs'),
    );
    expect((await get([url], 'S3-SHORT', 600)).Value.Successful[url]).toContain('X-Amz-Expires=600');
    expect((await get([url], 'S3-SHORT', 3601)).Value.Successful[url]).toContain('X-Amz-Expires=3601');
  });
});

describe('storageName', () => {
  it.each(['NOPE', '', '__proto__', 's3-indirect'])('unknown, as %j, is an S_ERROR and never a 500', async (name) =>
    expect(await get([mine], name)).toEqual(refusal(`unknown StorageElement ${JSON.stringify(name)}`)),
  );
  it('is text', async () => expect(await world.presign({}, 'get_object', {}, 60)).toEqual(refusal('storageName: must be text')));

  it('may be an alias', async () => expect(Object.keys((await get([mine], 'S3-ALIAS')).Value.Successful)).toEqual([mine]));

  it('without credentials here is as good as unknown', async () => {
    const url = 's3://127.0.0.1:19000/elsewhere/dirac/user/c/ciuser/f';
    expect(await get([url], 'S3-ELSEWHERE')).toEqual(refusal('"S3-ELSEWHERE": this process has no credentials for it'));
  });

  it('of a closed SE is refused with the state that closes it', async () => {
    const url = 's3://127.0.0.1:19000/banned/dirac/user/c/ciuser/f';
    expect(await get([url], 'S3-BANNED')).toEqual({
      OK: false,
      Errno: 13,
      Message: 'Permission denied ( 13 : "S3-BANNED" is closed: its ReadAccess forbids get_object)',
    });
  });

  it("of an SE with a bucket per VO means the bucket of the caller's VO, and no other", async () => {
    const [own, common] = ['dirac-bucket', 'common'].map((bucket) => `s3://127.0.0.1:19000/${bucket}/dirac/user/c/ciuser/f`) as [
      string,
      string,
    ];
    const { Value } = await get([own, common], 'S3-VO');
    expect(Value.Successful[own]).toMatch(/^http:\/\/127\.0\.0\.1:19000\/dirac-bucket\//);
    expect(Value.Failed[common]).toContain('the bucket is not that of the StorageElement ("dirac-bucket")');
  });

  describe('of a base, which is what clients send for SEs made with BaseSE', () => {
    const one = 's3://127.0.0.1:19000/base-bucket/dirac/user/c/ciuser/f';
    const two = 's3://127.0.0.1:19000/second-bucket/dirac/user/c/ciuser/f';
    it('means the one SE derived from it that all URLs belong to', async () => {
      expect((await get([one], 'BASE-S3')).Value.Successful[one]).toMatch(/\/base-bucket\//);
      expect((await get([two, `${two}/../x`], 'BASE-S3')).Value).toEqual({
        Successful: { [two]: expect.stringMatching(/\/second-bucket\//) },
        Failed: { [`${two}/../x`]: expect.stringContaining('".."') },
      });
      expect(world.log()).toContain('"storageElement":"DERIVED-TWO"');
    });
    it('means the SE named, when it is named', async () => {
      expect((await get([one, two], 'DERIVED-ONE')).Value.Failed[two]).toContain('the bucket is not that');
    });
    it.each([
      ['URLs of two', [one, two]],
      ['a URL of none', [mine]],
      ['something that is no URL', [one, 'x']],
    ])('is refused for %s', async (_title, urls) =>
      expect(await get(urls, 'BASE-S3')).toEqual(
        refusal('no StorageElement derived from "BASE-S3" has host, port and bucket of every URL'),
      ),
    );
    it('is refused where several fit: nothing is guessed', async () => {
      const twin = 's3://127.0.0.1:19000/twin-bucket/dirac/user/c/ciuser/f';
      expect(await get([twin], 'TWIN-S3')).toEqual(
        refusal('the URLs belong to several StorageElements derived from "TWIN-S3": TWIN-A, TWIN-B'),
      );
      expect((await get([twin], 'TWIN-B')).OK).toBe(true);
    });
  });
});
