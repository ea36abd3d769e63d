import { inspect } from 'node:util';
import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { DiracS3Error } from '../../src/errors/index.js';
import { createTrustStore, decodePem, encodePem, judgeChain, parseProxyFile } from '../../src/x509/index.js';
import { keyOf } from './maker/keys.js';
import { makeWorld, now } from './maker/world.js';

const world = makeWorld();
const pem = (der: Buffer) => encodePem('CERTIFICATE', der);
const keyPem = (key: string, type: 'pkcs8' | 'sec1' = 'pkcs8') => keyOf(key).privateKey.export({ type, format: 'pem' }) as string;
const proxyFile = [pem(world.second), keyPem('P-256:second'), pem(world.first), pem(world.user)].join('');

function refusal(text: string): string {
  try {
    parseProxyFile(text);
  } catch (error) {
    expect(error).toBeInstanceOf(DiracS3Error);
    expect((error as DiracS3Error).code).toBe('invalid-argument');
    return (error as DiracS3Error).message;
  }
  throw new Error('it was read');
}

describe('a proxy file', () => {
  test('gives chain, key and end', () => {
    const file = parseProxyFile(proxyFile);
    expect(file.chain).toEqual([world.second, world.first, world.user]);
    expect(createPrivateKey(file.keyPem.reveal()).equals(keyOf('P-256:second').privateKey)).toBe(true);
    expect(file.notAfter).toEqual(new Date('2026-06-16T00:00:00Z'));
  });

  test('gives a chain that can be judged', () => {
    const trust = createTrustStore({ authorities: [world.root, world.sub], revocations: [] });
    expect(judgeChain(parseProxyFile(proxyFile).chain, { trust, now }).trusted).toBe(true);
  });

  test('gives the certificates for TLS without the key', () => {
    const { certificatesPem } = parseProxyFile(proxyFile);
    expect(decodePem(certificatesPem, 'CERTIFICATE')).toEqual([world.second, world.first, world.user]);
    expect(certificatesPem).not.toContain('PRIVATE');
  });

  test.each<[string, string]>([
    ['lines that end as in Windows', proxyFile.replaceAll('\n', '\r\n')],
    ['text around the blocks', `Subject: alice\n${proxyFile.replace('-----BEGIN EC', 'key:\n-----BEGIN EC')}\nthe end`],
    ['the key last', [pem(world.second), pem(world.first), pem(world.user), keyPem('P-256:second')].join('')],
    ['the key first', [keyPem('P-256:second'), pem(world.second), pem(world.first), pem(world.user)].join('')],
    ['a key of the older form', [pem(world.second), keyPem('P-256:second', 'sec1'), pem(world.first), pem(world.user)].join('')],
    ['the name of its curve', `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${proxyFile}`],
    ['lines of another length', proxyFile.replace(/([A-Za-z0-9+/=]{64})\n([A-Za-z0-9+/=]+)\n/g, '$1$2\n')],
  ])('may have %s', (_, text) => expect(parseProxyFile(text).chain).toHaveLength(3));

  test('may hold an RSA key', () => {
    const rsa = makeWorld({ first: { key: 'rsa2048:first' } });
    const key = keyOf('rsa2048:first').privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;
    expect(parseProxyFile(pem(rsa.first) + key + pem(rsa.user)).chain).toHaveLength(2);
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'proxy file: it holds 0 private keys instead of one'],
    ['text', 'hello', 'proxy file: it holds 0 private keys instead of one'],
    ['no key', pem(world.user), 'proxy file: it holds 0 private keys instead of one'],
    ['no certificate', keyPem('P-256:second'), 'proxy file: it holds no certificate'],
    ['two keys', proxyFile + keyPem('P-256:second'), 'proxy file: it holds 2 private keys instead of one'],
    ['the key of another', pem(world.first) + keyPem('P-256:second'), 'proxy file: the private key is not that of the first certificate'],
    [
      'its certificates in the wrong order',
      pem(world.user) + keyPem('P-256:second') + pem(world.second),
      'not that of the first certificate',
    ],
    ['something else', `${proxyFile}-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n`, 'proxy file: it holds a block X509 CRL'],
    ['an encrypted key', pem(world.second) + encodePem('ENCRYPTED PRIVATE KEY', world.user), 'it holds a block ENCRYPTED PRIVATE KEY'],
    [
      'a key with headers',
      proxyFile.replace('PRIVATE KEY-----\n', 'PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n'),
      'a PEM block is not whole|is encrypted',
    ],
    ['a key that is none', pem(world.second) + encodePem('PRIVATE KEY', world.user), 'proxy file: the private key cannot be read'],
    [
      'a certificate that is none',
      encodePem('CERTIFICATE', Buffer.from('3000', 'hex')) + keyPem('P-256:second'),
      'certificate 1 ends early',
    ],
    ['a block cut off', proxyFile.slice(0, -40), 'proxy file: a PEM block is not whole'],
    ['a block that ends as another', proxyFile.replace('END PRIVATE KEY', 'END RSA PRIVATE KEY'), 'a PEM block is not whole'],
    ['a block that is no base64', proxyFile.replace(/(BEGIN CERTIFICATE-----\n)./, '$1*'), 'the PEM block CERTIFICATE is not base64'],
    ['an empty block', `${proxyFile}-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n`, 'the PEM block CERTIFICATE is not base64'],
    ['more than a MiB', 'x'.repeat(1024 * 1024 + 1), 'larger than 1048576 characters'],
  ])('is refused with %s', (_, text, reason) => expect(refusal(text)).toMatch(new RegExp(reason)));

  test('never shows its key', () => {
    const file = parseProxyFile(proxyFile);
    const line = keyPem('P-256:second').split('\n')[1]!;
    for (const shown of [inspect(file, { depth: 9, showHidden: true }), JSON.stringify(file), String(file.keyPem)])
      expect(shown).not.toContain(line);
    for (const text of [proxyFile.slice(0, -40), pem(world.first) + keyPem('P-256:second')])
      expect(refusal(text)).not.toContain(line.slice(0, 8));
  });
});

describe('PEM', () => {
  test('is written in lines of 64 characters', () => {
    const lines = encodePem('CERTIFICATE', world.user).split('\n');
    expect(lines[0]).toBe('-----BEGIN CERTIFICATE-----');
    expect(lines.at(-2)).toBe('-----END CERTIFICATE-----');
    expect(Math.max(...lines.slice(1, -2).map((line) => line.length))).toBe(64);
  });

  test('of one kind is decoded, of another said', () => {
    expect(decodePem(pem(world.user) + pem(world.sub), 'CERTIFICATE')).toEqual([world.user, world.sub]);
    expect(decodePem(pem(world.user), 'X509 CRL')).toBe('it holds a block CERTIFICATE');
    expect(decodePem('nothing here', 'X509 CRL')).toBe('it holds no X509 CRL');
    expect(decodePem(pem(world.user).slice(0, 100), 'CERTIFICATE')).toBe('a PEM block is not whole');
  });
});
