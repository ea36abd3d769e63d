import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRpcWorld, type RpcWorld } from './support.js';

/** The requests of an unmodified client, sent again byte for byte. What differs from the original's answer is named here, and nowhere else. */
const recorded = JSON.parse(readFileSync(new URL('vectors/exchanges.json', import.meta.url), 'utf8')) as {
  readonly requestHeaders: Record<string, string>;
  readonly exchanges: readonly {
    readonly request: string;
    readonly status: number;
    readonly contentType: string;
    readonly answer: string;
  }[];
};

/** Signatures, dates and policies differ with every run, and SigV4 has other fields than SigV2: each becomes the same word. */
const masks: readonly [RegExp, string][] = [
  [/\?AWSAccessKeyId=[^"]*Signature=[^"]*&Expires=\d+"/g, '?SIGNED"'],
  [/\?X-Amz-Algorithm=[^"]*X-Amz-Signature=[0-9a-f]{64}[^"]*"/g, '?SIGNED"'],
  [/("key": "[^"]*"), "AWSAccessKeyId": "[^"]*", "policy": "[^"]*", "signature": "[^"]*"/g, '$1, SIGNED'],
  [
    /("key": "[^"]*"), "x-amz-meta-checksum": "10c902e5", "success_action_status": "204", "x-amz-algorithm": "[^"]*", "x-amz-credential": "[^"]*", "x-amz-date": "[^"]*", "policy": "[^"]*", "x-amz-signature": "[0-9a-f]{64}"/g,
    '$1, SIGNED',
  ],
];
const masked = (text: string): string => masks.reduce((result, [pattern, word]) => result.replace(pattern, word), text);

/** Where the original misbehaves (the reference's "suggested for ours"), by the place of the exchange in the recording. */
const improved: ReadonlyMap<number, { readonly why: string; readonly status: number; readonly answer: string }> = new Map([
  [
    10,
    {
      why: 'a list of URLs works',
      status: 200,
      answer:
        '{"OK": true, "Value": {"Successful": {"s3://127.0.0.1:19000/bucket1/dirac/user/c/ciuser/f1.txt": "http://127.0.0.1:19000/bucket1/dirac/user/c/ciuser/f1.txt?SIGNED"}, "Failed": {}}}',
    },
  ],
  [
    11,
    {
      why: 'an unknown StorageElement is an S_ERROR, not HTTP 500',
      status: 200,
      answer: '{"OK": false, "Errno": 22, "Message": "Invalid argument ( 22 : unknown StorageElement \\"NOPE\\")"}',
    },
  ],
  [
    13,
    {
      why: 'an expiration that is text is refused',
      status: 200,
      answer:
        '{"OK": false, "Errno": 22, "Message": "Invalid argument ( 22 : expiration: must be a whole number of seconds from 1 to 86400)"}',
    },
  ],
  [
    14,
    {
      why: 'a key that is no URL is refused in words instead of a Python exception',
      status: 200,
      answer:
        '{"OK": true, "Value": {"Successful": {"s3://127.0.0.1:19000/bucket1/dirac/user/c/ciuser/f1.txt": "http://127.0.0.1:19000/bucket1/dirac/user/c/ciuser/f1.txt?SIGNED"}, "Failed": {"Fields": "Invalid argument ( 22 : \\"Fields\\": not a storage URL (expected s3://host[:port]/bucket/lfn))"}}}',
    },
  ],
]);

interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

describe('the recorded requests of an unmodified client', () => {
  let world: RpcWorld;
  beforeAll(async () => {
    world = await startRpcWorld();
  });
  afterAll(() => world.close());

  /** The body as it was recorded, with the headers of python-requests; a token stands in for the proxy. */
  async function replay(body: string): Promise<RawAnswer> {
    const { hostname, port } = new URL(world.server.url);
    const headers = { ...recorded.requestHeaders, 'Content-Length': String(body.length), Authorization: `Bearer ${await world.token()}` };
    return new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path: '/DataManagement/S3Gateway', method: 'POST', headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString('latin1') }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body, 'latin1');
    });
  }

  it('are all there', () => expect(recorded.exchanges).toHaveLength(15));

  it.each(recorded.exchanges.map((exchange, index) => [index, improved.get(index)?.why ?? 'as the original', exchange] as const))(
    'number %i is answered: %s',
    async (index, _why, exchange) => {
      const answer = await replay(exchange.request);
      const expected = improved.get(index) ?? { status: exchange.status, answer: masked(exchange.answer) };
      expect(masked(answer.body)).toBe(expected.answer);
      expect(answer.status).toBe(expected.status);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
      expect(answer.headers['cache-control']).toBe('no-store');
    },
  );

  it('differ from the original where they must: an improvement that changes nothing is none', () => {
    for (const [index, { answer }] of improved) expect(masked(recorded.exchanges[index]!.answer)).not.toBe(answer);
  });

  it('bind the checksum, which the original drops, into the policy', async () => {
    const answer = JSON.parse((await replay(recorded.exchanges[0]!.request)).body) as {
      Value: { Successful: Record<string, { fields: Record<string, string> }> };
    };
    const [{ fields }] = Object.values(answer.Value.Successful) as [{ fields: Record<string, string> }];
    const policy = JSON.parse(Buffer.from(fields.policy!, 'base64').toString()) as { conditions: unknown[] };
    expect(policy.conditions).toContainEqual({ 'x-amz-meta-checksum': '10c902e5' });
    expect(policy.conditions).toContainEqual({ bucket: 'bucket1' });
  });
});
