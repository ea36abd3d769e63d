import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createS3Presigner } from '../../../src/adapters/s3/index.js';
import { signatureOf, signingKey } from '../../../src/adapters/s3/signing-scope.js';
import type { PresignedPost, PresignedUrl, PresignItem, S3Method } from '../../../src/domain/index.js';
import { keys, provider, storageElement, targetOf } from './targets.js';

interface Place {
  endpoint: string;
  style: 'path' | 'virtual';
  region: string;
  sessionToken: string | null;
  key: string;
  item: Omit<PresignItem, 'lfn'>;
  url: string;
}
interface Vectors {
  now: string;
  expirationSeconds: number;
  accessKeyId: string;
  secretAccessKey: string;
  urls: (Place & { method: S3Method })[];
  posts: (Place & { fields: Record<string, string> })[];
}

const vectors = JSON.parse(readFileSync(new URL('./botocore/vectors/presigned.json', import.meta.url), 'utf8')) as Vectors;
const now = new Date(vectors.now);

const sign = (place: Place, method: S3Method, upload: 'post' | 'put') => {
  const url = new URL(place.endpoint);
  const element = storageElement({
    endpoint: { secure: url.protocol === 'https:', host: url.hostname, port: Number(/:(\d+)$/.exec(place.endpoint)?.[1]) || undefined },
    addressingStyle: place.style === 'path' ? 'path' : 'virtual-host',
    region: place.region,
  });
  const { accessKeyId, secretAccessKey: secret, expirationSeconds } = vectors;
  const presigner = createS3Presigner({
    credentials: provider(keys(accessKeyId, { secret, ...(place.sessionToken === null ? {} : { token: place.sessionToken }) })),
  });
  const lfn = `/${place.key}`;
  return presigner.presign(
    targetOf(lfn, { storageElement: element, method, upload, item: { lfn, ...place.item }, expirationSeconds }),
    now,
  );
};

/** Parameters as a set: botocore writes those of the operation first, the SDK's signer in its own order. */
const canonical = (url: string): unknown => {
  const [, scheme, host, path, query] = /^(https?):\/\/([^/]+)([^?]*)\?(.*)$/.exec(url) ?? [];
  const decoded = query!.split('&').map((pair) => pair.split('=').map(decodeURIComponent));
  // botocore leaves a default port in the URL (not in what it signs); a client drops it before it sends Host.
  return { scheme, host: host!.replace(scheme === 'https' ? /:443$/ : /:80$/, ''), path, query: decoded.map(String).sort() };
};

describe('equality with botocore', () => {
  test('the vectors cover every method, both styles, three regions and a session token', () => {
    expect(new Set(vectors.urls.map(({ method }) => method)).size).toBe(9);
    expect(new Set(vectors.urls.map(({ style, region, endpoint }) => `${style} ${region} ${endpoint}`)).size).toBe(24);
    expect(vectors.urls.some(({ sessionToken }) => sessionToken !== null)).toBe(true);
    expect(vectors.urls.length).toBeGreaterThan(150);
  });

  for (const style of ['path', 'virtual'] as const)
    for (const region of ['us-east-1', 'eu-central-1', 'default'])
      test(`signs every ${style}-style URL of region ${region} as botocore does, to the same signature`, async () => {
        for (const vector of vectors.urls.filter((one) => one.style === style && one.region === region)) {
          const { url } = (await sign(vector, vector.method, 'put')) as PresignedUrl;
          expect(canonical(url)).toEqual(canonical(vector.url));
        }
      });

  test('writes the same POST forms: URL, fields and conditions', async () => {
    for (const vector of vectors.posts) {
      const { url, fields } = (await sign(vector, 'put_object', 'post')) as PresignedPost;
      expect(url).toBe(vector.url);
      expect(withoutPolicy(fields)).toEqual(withoutPolicy(vector.fields));
      expect(policyOf(fields)).toEqual(policyOf(vector.fields));
    }
  });

  test("signs botocore's policy text to botocore's signature", () => {
    for (const { fields } of vectors.posts) {
      const scope = fields['x-amz-credential']!.split('/').slice(1);
      expect(signatureOf(fields.policy!, signingKey(vectors.secretAccessKey, scope))).toBe(fields['x-amz-signature']);
    }
  });
});

/** The fields that the text of the policy does not change. */
function withoutPolicy(fields: Record<string, string>): unknown {
  return Object.entries(fields)
    .filter(([name]) => name !== 'policy' && name !== 'x-amz-signature')
    .sort();
}

/** Conditions as a set; the two write them, and the milliseconds of the expiration, differently. */
function policyOf(fields: Record<string, string>): unknown {
  const policy = JSON.parse(Buffer.from(fields.policy!, 'base64').toString()) as { expiration: string; conditions: unknown[] };
  return { expiration: new Date(policy.expiration).getTime(), conditions: policy.conditions.map((one) => JSON.stringify(one)).sort() };
}
