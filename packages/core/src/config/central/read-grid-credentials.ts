import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientCertificate } from '../../dirac-protocol/index.js';
import { Secret } from '../../domain/index.js';
import { DiracS3Error } from '../../errors/index.js';
import type { Clock } from '../../ports/index.js';
import type { GridCredentialPlaces } from './grid-credentials.js';
import { readPrivateFile } from './private-file.js';

/** What a client of DIRAC services shows. */
export interface GridCertificate {
  readonly certificate: ClientCertificate;
  /** True for a host certificate: it counts as such only when the client says so. */
  readonly asHost: boolean;
  /** The file it was read from. */
  readonly file: string;
}

export interface ReadGridCredentialsOptions {
  readonly userId: number | undefined;
  readonly clock: Clock;
}

/**
 * Reads the first proxy or host certificate there is; undefined where a token is to be sent instead.
 *
 * @throws unauthenticated: there is none, it is expired, or others can read it
 */
export async function readGridCertificate(
  places: GridCredentialPlaces,
  { userId, clock }: ReadGridCredentialsOptions,
): Promise<GridCertificate | undefined> {
  if (places.show === 'token') return undefined;
  const found = places.show === 'proxy' ? await readProxy(places, userId) : await readHost(places);
  const expiry = expiryOf(found);
  if (expiry.getTime() <= clock.now().getTime())
    throw new DiracS3Error('unauthenticated', `the certificate in ${found.file} is out of date since ${expiry.toISOString()}`);
  return found;
}

async function readProxy({ proxyFiles }: GridCredentialPlaces, userId: number | undefined): Promise<GridCertificate> {
  for (const { path, named } of proxyFiles) {
    const pem = await readPrivateFile(path, { what: 'the proxy', owner: userId, closed: 0o077, named });
    if (pem !== undefined) return { certificate: parsePem(pem, pem, path), asHost: false, file: path };
  }
  const tried = proxyFiles.map(({ path }) => path).join(', ');
  throw new DiracS3Error('unauthenticated', `there is no proxy (looked for ${tried || 'none: this platform has no user ids'})`);
}

async function readHost({ hostCertificates }: GridCredentialPlaces): Promise<GridCertificate> {
  for (const { certFile, keyFile } of hostCertificates) {
    const key = await readPrivateFile(keyFile, { what: 'the key', closed: 0o007, named: true });
    const cert = key === undefined ? undefined : await readPlain(certFile);
    if (key !== undefined && cert !== undefined) return { certificate: parsePem(cert, key, certFile), asHost: true, file: certFile };
  }
  const tried = hostCertificates.map(({ certFile }) => certFile).join(', ');
  throw new DiracS3Error(
    'unauthenticated',
    `there is no host certificate with its key (looked for ${tried || 'none: no place is configured'})`,
  );
}

/**
 * PEM of every authority in a directory of hashed names (`<hash>.0`); files that hold no certificate are passed over. The first of the
 * directories that exists counts, as in DIRAC.
 *
 * @throws unauthenticated when there is none, or nothing in it
 */
export async function readAuthorities({ authorityDirectories }: GridCredentialPlaces): Promise<readonly string[]> {
  for (const directory of authorityDirectories) {
    const names = await readdir(directory).catch(() => undefined);
    if (names === undefined) continue;
    const texts = await Promise.all(names.filter((name) => /\.\d$/.test(name)).map((name) => readPlain(join(directory, name))));
    const authorities = [...new Set(texts.flatMap((text) => blocksOf(text ?? '', 'CERTIFICATE')).filter(isCertificate))];
    if (authorities.length > 0) return authorities;
    throw new DiracS3Error('unauthenticated', `the directory of certificate authorities ${directory} has none (<hash>.0)`);
  }
  throw new DiracS3Error(
    'unauthenticated',
    `there is no directory of certificate authorities (looked for ${authorityDirectories.join(', ')})`,
  );
}

async function readPlain(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Splits PEM: the certificates in their order, and the one key. */
function parsePem(certPem: string, keyPem: string, file: string): ClientCertificate {
  const chain = blocksOf(certPem, 'CERTIFICATE');
  const keys = blocksOf(keyPem, '(?:[A-Z]+ )?PRIVATE KEY');
  const [key] = keys;
  if (chain.length === 0 || !chain.every(isCertificate)) throw new DiracS3Error('unauthenticated', `${file} holds no proper certificate`);
  if (key === undefined || keys.length > 1) throw new DiracS3Error('unauthenticated', `there is not exactly one key for ${file}`);
  return { certChainPem: chain.join(''), keyPem: new Secret(key) };
}

function blocksOf(pem: string, label: string): string[] {
  const block = new RegExp(`-----BEGIN (${label})-----[^-]*-----END \\1-----`, 'g');
  return [...pem.matchAll(block)].map(([text]) => `${text}\n`);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== '';
  } catch {
    return false;
  }
}

/** A chain is as good as its shortest part. */
function expiryOf({ certificate }: GridCertificate): Date {
  const ends = blocksOf(certificate.certChainPem, 'CERTIFICATE').map((pem) => Date.parse(new X509Certificate(pem).validTo));
  return new Date(Math.min(...ends));
}
