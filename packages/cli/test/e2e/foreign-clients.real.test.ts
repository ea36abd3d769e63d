import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adler32 } from '@dirac-s3/core';
import { restPaths, restPrefix } from '@dirac-s3/core/rest-api';
import { runProgram } from '../../../../scripts/world/processes.mjs';
import { startWorld } from '../../../../scripts/world/world.mjs';
import { realPython, realStore } from './real-store.js';

type World = Awaited<ReturnType<typeof startWorld>>;
interface Post {
  readonly url: string;
  readonly fields: Record<string, string>;
}

const directory = '/demo/user/a/alice/foreign';

/** Programs that know nothing of us, with the URLs the gateway hands out; and boto3 with the keys of the StorageElement. */
describe('unmodified clients against Ceph RGW', () => {
  let world: World;
  const cleanUp: (() => Promise<unknown>)[] = [];
  let python: string;
  let file: string;
  const bytes = randomBytes(1_234_567);

  beforeAll(async () => {
    python = realPython();
    world = await startWorld({ store: realStore(), elements: async ({ origin }) => ({ 'WRITER-S3': { origin, writeOnlyKey: true } }) });
    cleanUp.push(() => world.close());
    file = join(world.directory, 'upload.bin');
    await writeFile(file, bytes);
  }, 180_000);

  afterAll(async () => {
    for (const step of cleanUp) await step();
  }, 60_000);

  const presign = async (request: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const response = await fetch(`${world.gateways[0]!.url}${restPrefix}${restPaths.presign}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await readFile(world.homes.alice.tokenFile, 'utf8')}` },
      body: JSON.stringify({ storageElement: 'DEMO-S3', ...request }),
    });
    const answer = (await response.json()) as { successful: Record<string, unknown>[] };
    expect(answer.successful).toHaveLength(1);
    return answer.successful[0]!;
  };
  const uploadForm = async (lfn: string): Promise<Post> =>
    (await presign({ method: 'put_object', items: [{ lfn, sizeBytes: bytes.length, checksum: adler32(bytes) }] })) as unknown as Post;
  const urlOf = async (method: string, lfn: string): Promise<string> => String((await presign({ method, items: [{ lfn }] })).url);
  const run = async (command: string, args: string[], input = ''): Promise<string> => {
    const result = await runProgram(command, args, { input });
    if (result.code !== 0) throw new Error(`${command}: ${result.stderr}`);
    return result.stdout;
  };

  it('curl uploads by the form and downloads by the URL', async () => {
    const lfn = `${directory}/curl.bin`;
    const post = await uploadForm(lfn);
    const fields = Object.entries(post.fields).flatMap(([name, value]) => ['-F', `${name}=${value}`]);
    const status = await run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', ...fields, '-F', `file=@${file}`, post.url]);
    expect(status).toBe('204');
    const copy = join(world.directory, 'curl-copy.bin');
    expect(await run('curl', ['-sS', '-o', copy, '-w', '%{http_code}', await urlOf('get_object', lfn)])).toBe('200');
    expect((await readFile(copy)).equals(bytes)).toBe(true);
    expect(await run('curl', ['-sSI', await urlOf('head_object', lfn)])).toContain(`x-amz-meta-checksum: ${adler32(bytes)}`);
    expect(await run('curl', ['-sS', '-X', 'DELETE', '-w', '%{http_code}', await urlOf('delete_object', lfn)])).toBe('204');
    expect(await run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', await urlOf('get_object', lfn)])).toBe('404');
  });

  it('curl uploads by PUT where the StorageElement has a write-only key', async () => {
    const lfn = `${directory}/curl-put.bin`;
    const victim = join(world.directory, 'victim.bin');
    await writeFile(victim, randomBytes(1000));
    expect(await world.cli('alice', ['put', `${directory}/victim.bin`, victim, 'DEMO-S3'])).toMatchObject({ code: 0 });
    const put = (await presign({
      storageElement: 'WRITER-S3',
      method: 'put_object',
      upload: 'put',
      items: [{ lfn, sizeBytes: bytes.length, checksum: adler32(bytes) }],
    })) as unknown as {
      url: string;
      headers: Record<string, string>;
    };
    const headers = Object.entries(put.headers)
      .filter(([name]) => name !== 'content-length')
      .flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const send = (extra: string[]): Promise<string> =>
      run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-T', file, ...headers, ...extra, put.url]);
    expect(await send(['-H', `x-amz-copy-source: /${world.store.bucket}${directory}/victim.bin`])).toBe('403');
    expect(await send([])).toBe('200');
    expect(await run('curl', ['-sSI', await urlOf('head_object', lfn)])).toContain(`x-amz-meta-checksum: ${adler32(bytes)}`);
  });

  it('Python requests uploads by the form and downloads by the URL', async () => {
    const lfn = `${directory}/requests.bin`;
    const script = `
import json, sys, requests
facts = json.load(sys.stdin)
with open(facts["file"], "rb") as body:
    up = requests.post(facts["post"]["url"], data=facts["post"]["fields"], files={"file": body})
down = requests.get(facts["get"])
print(json.dumps([up.status_code, down.status_code, down.content == open(facts["file"], "rb").read()]))
`;
    const facts = { file, post: await uploadForm(lfn), get: await urlOf('get_object', lfn) };
    expect(JSON.parse(await run(python, ['-c', script], JSON.stringify(facts)))).toEqual([204, 200, true]);
  });

  it('boto3 with the keys of the StorageElement sees the bytes and metadata our command line stored', async () => {
    const lfn = `${directory}/boto3.bin`;
    expect(await world.cli('alice', ['put', lfn, file, 'DEMO-S3'])).toMatchObject({ code: 0 });
    const script = `
import json, sys, boto3, zlib
from botocore.config import Config
facts = json.load(sys.stdin)
s3 = boto3.client("s3", endpoint_url=facts["origin"], region_name=facts["region"], aws_access_key_id=facts["id"], aws_secret_access_key=facts["secret"],
                  config=Config(s3={"addressing_style": "path"}))
answer = s3.get_object(Bucket=facts["bucket"], Key=facts["key"])
body = answer["Body"].read()
print(json.dumps({"metadata": answer["Metadata"], "size": len(body), "adler": format(zlib.adler32(body), "08x"), "same": body == open(facts["file"], "rb").read()}))
`;
    const { origin, region, bucket, credentials } = world.store;
    const facts = { origin, region, bucket, key: lfn.slice(1), id: credentials.accessKeyId, secret: credentials.secretAccessKey, file };
    expect(JSON.parse(await run(python, ['-c', script], JSON.stringify(facts)))).toEqual({
      metadata: { checksum: adler32(bytes) },
      size: bytes.length,
      adler: adler32(bytes),
      same: true,
    });
  });

  it('a file with a name full of blanks, plus signs and umlauts makes the round trip', async () => {
    const lfn = `${directory}/a b+c %41 späte Größe;(1)'~!*.bin`;
    const odd = join(world.directory, 'odd.bin');
    const content = randomBytes(10_000);
    await writeFile(odd, content);
    expect(await world.cli('alice', ['put', lfn, odd, 'DEMO-S3'])).toMatchObject({ code: 0 });
    const copy = join(world.directory, 'odd-copy.bin');
    expect(await run('curl', ['-sS', '-o', copy, '-w', '%{http_code}', await urlOf('get_object', lfn)])).toBe('200');
    expect((await readFile(copy)).equals(content)).toBe(true);
  });
});
