import { gzipSync } from 'node:zlib';
import type { Random } from './random.js';

export interface FuzzedRequest {
  readonly verb: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The URLs of a call that is well-formed so far; each of them must come back. */
  readonly urls?: readonly string[];
}

const methods = [
  ...Array<string>(12).fill('createPresignedUrl'),
  'echo',
  'echo',
  'ping',
  'whoami',
  'export_ping',
  '',
  '__proto__',
  'hasAccess',
];
const s3Methods = ['head_object', 'get_object', 'put_object', 'delete_object', 'upload_part', 'bogus', '', 'constructor'];
const storages = [
  'S3-INDIRECT',
  'S3-INDIRECT',
  'S3-ALIAS',
  'S3-PLAIN',
  'S3-SHORT',
  'S3-VO',
  'S3-BANNED',
  'S3-ELSEWHERE',
  'BASE-S3',
  'TWIN-S3',
  'NOPE',
  '',
  '__proto__',
];
const places = [
  '127.0.0.1:19000/bucket1',
  '127.0.0.1:0/bucket1',
  'plain.example.org:0/plain',
  '127.0.0.1:19000/base-bucket',
  '127.0.0.1:19000/second-bucket',
  '127.0.0.1:19000/twin-bucket',
  'x',
  '',
];
const names = [
  'dirac/user/c/ciuser/f',
  'dirac/user/o/other/secret',
  'dirac/user/x/f',
  '../x',
  '',
  '//',
  'a?b',
  'a#b',
  '${filename}',
  'ü',
  '\u0000',
  '\ud800',
  'dirac',
  'grid/x',
];
const scalars = [
  'null',
  'true',
  'false',
  '0',
  '-1',
  '60',
  '3600',
  '86400',
  '86401',
  '1e999',
  '1.5',
  'NaN',
  'Infinity',
  '-Infinity',
  '99999999999999999999',
  '""',
  '"60"',
  '"\\ud800"',
  '"\\u0000"',
  '"__proto__"',
  '-0',
  '01',
  '.5',
  "'x'",
  'None',
  'True',
];
const keys = [
  'x-amz-meta-checksum',
  'x-amz-meta-a',
  'Content-Type',
  'key',
  'acl',
  '__proto__',
  'constructor',
  '__dCls',
  'obj',
  '__dMod',
  'toString',
  '',
  'é',
];

/** A JSON text, sometimes almost. */
function json(random: Random, depth = 0): string {
  const kind = random.next();
  if (depth > 5 || kind < 0.5) return random.pick(scalars);
  if (kind < 0.52) return '['.repeat(random.below(200)) + random.pick(scalars);
  if (kind < 0.6)
    return `{"__dCls": ${random.pick(['"dt"', '"date"', '"b64"', '"X"', '5'])}, "obj": ${random.pick(['"2026-01-02 03:04:05"', '"2026-01-02"', '"YQ=="', '"="', '5'])}}`;
  if (kind < 0.8) return `[${random.times(4, () => json(random, depth + 1)).join(', ')}]`;
  return `{${random.times(4, () => `${JSON.stringify(random.pick(keys))}: ${json(random, depth + 1)}`).join(', ')}}`;
}

const url = (random: Random): string =>
  `${random.pick(['s3://', 's3://', 's3://', 'https://', 'S3://', ''])}${random.pick(places)}/${random.pick(names)}`;

function presignArguments(random: Random): { text: string; urls?: readonly string[] } {
  const urls = [...new Set(random.times(6, () => url(random)))];
  const asList = random.chance(0.2);
  const s3Method = random.pick(s3Methods);
  const given = asList
    ? JSON.stringify(urls)
    : `{${urls.map((one) => `${JSON.stringify(one)}: ${random.chance(0.5) ? 'false' : json(random)}`).join(', ')}}`;
  const parts = [JSON.stringify(random.pick(storages)), JSON.stringify(s3Method), given, random.pick(['60', '3600', '3600', '86400'])];
  const spoilt = random.chance(0.3);
  if (spoilt) parts[random.below(4)] = json(random);
  if (random.chance(0.05)) parts.splice(random.below(4), 1);
  return { text: `[${parts.join(', ')}]`, ...(!spoilt && { urls }) };
}

function form(random: Random): { fields: [string, string][]; urls?: readonly string[] } {
  const method = random.pick(methods);
  const { text, urls } =
    method === 'createPresignedUrl'
      ? presignArguments(random)
      : { text: random.chance(0.5) ? `[${json(random)}]` : json(random), urls: undefined };
  const fields: [string, string][] = [
    ['method', method],
    ['args', text],
    ['clientVO', 'dirac'],
    ['clientSetup', 'None'],
  ];
  if (random.chance(0.1)) fields.push(['extraCredentials', json(random)]);
  if (random.chance(0.05)) fields.push(['rawContent', 'True']);
  if (random.chance(0.05)) fields.splice(random.below(fields.length), 1);
  return { fields, ...(urls && { urls }) };
}

/** Damages some bytes: another value, one more, one fewer, a piece twice, an early end. */
function damaged(random: Random, bytes: Buffer): Buffer {
  let result = bytes;
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const at = random.below(result.length + 1);
    const [before, after] = [result.subarray(0, at), result.subarray(at)];
    // Mostly text: a byte that is no UTF-8 ends the matter early.
    const noise = random.chance(0.1) ? random.bytes(4) : Buffer.from(random.times(4, () => 0x20 + random.below(0x5f)));
    result = random.pick([
      () => Buffer.concat([before, noise, after.subarray(1)]),
      () => Buffer.concat([before, noise, after]),
      () => Buffer.concat([before, after.subarray(random.below(8))]),
      () => Buffer.concat([before, before.subarray(-random.below(40)), after]),
      () => before,
    ])();
  }
  return result;
}

const paths = ['/DataManagement/S3Gateway', '/DataManagement/S3Gateway', '/DataManagement/TornadoS3Gateway'];
const otherPaths = [
  '/DataManagement/S3Gateway?method=ping',
  '/DataManagement/S3Gateway?args=%FF&method=%ff',
  '/DataManagement/S3Gateway/',
  '/DataManagement/x',
  '/DataManagement',
];
const types = [
  'application/x-www-form-urlencoded; charset=utf-8',
  'application/json',
  'multipart/form-data; boundary=b',
  'multipart/form-data',
  '',
  'application/x-www-form-urlencoded;;',
  'text/plain',
];

/** One request: most are almost right, some are noise. */
export function fuzzedRequest(random: Random, recorded: readonly string[]): FuzzedRequest {
  const verb = random.chance(0.02) ? random.pick(['GET', 'PUT', 'DELETE', 'OPTIONS']) : 'POST';
  const path = random.chance(0.03) ? random.pick(otherPaths) : random.pick(paths);
  const headers: Record<string, string> = {
    'content-type': random.chance(0.05) ? random.pick(types) : 'application/x-www-form-urlencoded',
  };
  const plain = { verb, path, headers };
  const kind = random.next();
  if (kind < 0.3) return { ...plain, body: damaged(random, Buffer.from(random.pick(recorded))) };
  if (kind < 0.33) return { ...plain, body: random.bytes(300) };
  if (kind < 0.38) {
    const { fields } = form(random);
    const parts = fields.map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
    const body = Buffer.from(`${parts.join('')}--b--\r\n`);
    return {
      ...plain,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: random.chance(0.5) ? body : damaged(random, body),
    };
  }
  const { fields, urls } = form(random);
  const body = Buffer.from(new URLSearchParams(fields).toString());
  if (kind < 0.42) {
    const packed = gzipSync(body, { level: 1 });
    return { ...plain, headers: { ...headers, 'content-encoding': 'gzip' }, body: random.chance(0.5) ? packed : damaged(random, packed) };
  }
  if (kind < 0.6) return { ...plain, body: damaged(random, body) };
  const whole =
    verb === 'POST' && paths.includes(path) && headers['content-type'] === 'application/x-www-form-urlencoded' && fields.length === 4;
  return { ...plain, body, ...(whole && urls && { urls }) };
}
