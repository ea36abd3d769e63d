import { algorithms, extension } from '../maker/certificate.js';
import { octets, sequence, time } from '../maker/der-writer.js';
import {
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  languages,
  oids,
  proxyCertInfo,
  strange,
  type ProxyInfo,
} from '../maker/extensions.js';
import { make, names, type Change } from '../maker/world.js';
import type { BadChain } from './chain-case.js';

const change =
  (member: 'first' | 'second') =>
  (name: string, changed: Change, reason: RegExp): BadChain => ({
    name: `${name} (${member} proxy)`,
    changes: { [member]: changed },
    reason,
  });
const first = change('first');
const second = change('second');

const info = (name: string, facts: ProxyInfo, reason: RegExp) => [
  first(name, { extensions: { proxyCertInfo: proxyCertInfo(facts) } }, reason),
  second(name, { extensions: { proxyCertInfo: proxyCertInfo(facts) } }, reason),
];

const altName = sequence(Buffer.from([0x82, 1, 0x61]));
const rules: readonly BadChain[] = [
  ...info('proxyCertInfo not critical', { critical: false }, /proxyCertInfo is not critical/),
  ...info('policy independent', { language: languages.independent }, /language 1\.3\.6\.1\.5\.5\.7\.21\.2 does not pass on the identity/),
  ...info('policy of any language', { language: languages.any }, /language 1\.3\.6\.1\.5\.5\.7\.21\.0 does not pass on/),
  ...info('policy nobody knows', { language: '1.3.6.1.4.1.99999.2' }, /does not pass on the identity/),
  ...info('a policy text', { policy: 'all' }, /takes no policy, but there is one/),
  ...info('an empty policy text', { policy: '' }, /takes no policy, but there is one/),
  ...info('a policy text of a limited proxy', { language: languages.limited, policy: 'x' }, /takes no policy/),
  first(
    'no proxy allowed below',
    { extensions: { proxyCertInfo: proxyCertInfo({ pathLength: 0 }) } },
    /allows 0 proxies below it and has 1/,
  ),
  {
    name: 'one proxy more than the first allows',
    changes: { first: { extensions: { proxyCertInfo: proxyCertInfo({ pathLength: 1 }) } } },
    sent: ({ second: two, first: one, user }) => [
      make('second', { issuer: names.second, subject: third(), signer: 'P-256:second', key: 'P-256:third' }),
      two,
      one,
      user,
    ],
    reason: /allows 1 proxies below it and has 2/,
  },
  second('a CA', { extensions: { basicConstraints: basicConstraints(true) } }, /is a proxy and a CA/),
  first('a CA', { extensions: { basicConstraints: basicConstraints(true) } }, /CN=42: it is a proxy and a CA/),
  second('may sign certificates', { extensions: { keyUsage: keyUsage('digitalSignature', 'keyCertSign') } }, /may sign certificates/),
  second('may not sign', { extensions: { keyUsage: keyUsage('keyEncipherment') } }, /its keyUsage lacks digitalSignature/),
  first('may not sign', { extensions: { keyUsage: keyUsage('keyEncipherment') } }, /keyUsage lacks digitalSignature/),
  second('a subject alternative name', { extensions: { alt: extension(oids.subjectAltName, altName) } }, /proxy with an alternative name/),
  second('an issuer alternative name', { extensions: { alt: extension(oids.issuerAltName, altName) } }, /proxy with an alternative name/),
  second('for servers alone', { extensions: { purposes: extendedKeyUsage('serverAuth') } }, /does not allow TLS clients/),
  second('for anything but nothing named', { extensions: { purposes: extendedKeyUsage('any') } }, /does not allow TLS clients/),
  first('for servers alone', { extensions: { purposes: extendedKeyUsage('serverAuth') } }, /does not allow TLS clients/),
  second('a critical extension nobody knows', { extensions: { strange: strange(true) } }, /1\.3\.6\.1\.4\.1\.99999\.1 is not understood/),
  second('critical attributes of VOMS', { extensions: { voms: extension(oids.vomsAttributes, sequence(), true) } }, /is not understood/),
  second('the extension of older proxies', { extensions: { draft: extension(oids.draftProxy, octets()) } }, /from before RFC 3820/),
];

const times: readonly BadChain[] = [
  first('expired', { notAfter: time('2026-06-15T11:59:59Z') }, /expired at 2026-06-15T11:59:59/),
  second('expired', { notAfter: time('2026-06-15T11:59:59Z') }, /expired at 2026-06-15T11:59:59/),
  first('not yet valid', { notBefore: time('2026-06-15T12:00:01Z') }, /not valid before 2026-06-15T12:00:01/),
  second('not yet valid', { notBefore: time('2026-06-15T12:00:01Z') }, /not valid before 2026-06-15T12:00:01/),
  { name: 'a moment after its last second', options: { now: new Date('2026-06-16T00:00:00.001Z') }, reason: /CN=7: it expired at/ },
  { name: 'a clock that shows nothing', options: { now: new Date(Number.NaN) }, reason: /not valid before/ },
];

const strengths: readonly BadChain[] = [
  second('a key of 1024 bits', { key: 'rsa1024:second' }, /RSA key has 1024 bits, at least 2048/),
  { ...second('a key of 2048 bits where 3072 are asked for', { key: 'rsa2048:second' }, /at least 3072/), options: { minRsaBits: 3072 } },
  {
    ...second('a key of 1016 bits, whatever is allowed', { key: 'rsa1016:second' }, /1016 bits, at least 1024/),
    options: { minRsaBits: 1024 },
  },
  second('signed by another key', { signer: 'P-256:mallory' }, /its signature is not by the key of its issuer/),
  first('signed by another key', { signer: 'P-256:mallory' }, /its signature is not by the key of its issuer/),
  first('signed by its own key', { signer: 'P-256:first' }, /its signature is not by the key of its issuer/),
  second('signed by its user instead of the proxy above', { signer: 'P-256:alice' }, /its signature is not by the key of its issuer/),
  second('signed with ECDSA and SHA-1', { algorithm: algorithms.sha1Ec }, /signed with SHA1, which is broken/),
  second('another signature', { finish: flipLast }, /its signature is not by the key of its issuer/),
  second('an empty signature', { finish: (whole) => emptied(whole) }, /its signature is not by the key of its issuer/),
];

const rsaUser = { key: 'rsa2048:alice' };
const signedByRsa = (name: string, algorithm: Change['algorithm'], reason: RegExp): BadChain => ({
  name,
  changes: { user: rsaUser, first: { signer: 'rsa2048:alice', ...(algorithm && { algorithm }) } },
  reason,
});
const digests: readonly BadChain[] = [
  signedByRsa('signed with RSA and MD5', algorithms.md5Rsa, /signed with MD5, which is broken/),
  signedByRsa('signed with RSA and SHA-1', algorithms.sha1Rsa, /signed with SHA1, which is broken/),
  signedByRsa('signed with RSA and SHA-224', algorithms.sha224Rsa, /not accepted \(1\.2\.840\.113549\.1\.1\.14\)/),
  signedByRsa('signed with RSA, and said to be ECDSA', { ...algorithms.sha256Ec, digest: 'sha256' }, /not by the key of its issuer/),
];

function third(): Buffer {
  // names.second and one CN more: the last part of names.second, again.
  return sequence(names.second.subarray(names.second[1]! < 0x80 ? 2 : 3), names.second.subarray(-12));
}

function flipLast(whole: Buffer): Buffer {
  const copy = Buffer.from(whole);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

/** The certificate with a bit string of no bits for its signature. */
function emptied(whole: Buffer): Buffer {
  const start = 4;
  const bodyEnd = start + 4 + whole.readUInt16BE(start + 2);
  const algorithmEnd = bodyEnd + 2 + whole[bodyEnd + 1]!;
  return sequence(whole.subarray(start, algorithmEnd), Buffer.from([0x03, 0x01, 0x00]));
}

export const badProxies: readonly BadChain[] = [...rules, ...times, ...strengths, ...digests];
