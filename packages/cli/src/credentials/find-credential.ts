import { DiracS3Error, type Secret } from '@dirac-s3/core';
import { readAuthorities, readProxy, type GridCertificate, type GridCredentialPlaces } from '@dirac-s3/core/config';
import type { ClientCertificate } from '@dirac-s3/core/dirac-protocol';
import type { Clock } from '@dirac-s3/core/ports';
import { createTrustStore, decodePem, judgeChain, type ChainProof } from '@dirac-s3/core/x509';
import { UsageError } from '../exit-codes.js';
import { environmentToken, lyingToken, namedToken, type FoundToken, type TokenSources } from './find-token.js';

export interface ProxyCredential {
  readonly kind: 'proxy';
  readonly file: string;
  /** What named it. */
  readonly from: string;
  readonly certificate: ClientCertificate;
  readonly proof: ChainProof;
}

export interface TokenCredential {
  readonly kind: 'token';
  readonly from: string;
  /** Asked for with each request: one that is refreshed changes. */
  readonly token: () => Promise<Secret>;
}

/** How the user shows who he is. Never two at a time. */
export type Credential = ProxyCredential | TokenCredential;

export interface CredentialSources extends TokenSources {
  readonly places: GridCredentialPlaces;
  /** `--proxy`. */
  readonly proxyFile?: string | undefined;
  /** What `dirac-s3 login` left; undefined: nothing. */
  readonly login: () => Promise<TokenCredential | undefined>;
  readonly clock: Clock;
}

type Source = (sources: CredentialSources) => Promise<Credential | undefined>;

/**
 * Options first, then the environment, then what lies there: the login of this program, the proxy, the token of another program. At each step a
 * proxy goes before a token, unless the configuration says `UseTokens`. What is there and must not be used is refused, never passed over.
 *
 * @throws unauthenticated with the file and its fault, or the places where nothing was; UsageError for two options at a time
 */
export async function findCredential(sources: CredentialSources): Promise<Credential> {
  if (sources.proxyFile !== undefined && sources.tokenFile !== undefined)
    throw new UsageError('--proxy and --token-file exclude each other');
  const proxies = sources.places.show !== 'token';
  const inOrder: readonly (Source | false)[] = [
    namedProxy,
    async (all) => tokenOf(await namedToken(all)),
    proxies && firstProxy(true),
    async (all) => tokenOf(await environmentToken(all)),
    ({ login }) => login(),
    proxies && firstProxy(false),
    async (all) => tokenOf(await lyingToken(all)),
  ];
  for (const source of inOrder) {
    const found = source === false ? undefined : await source(sources);
    if (found !== undefined) return found;
  }
  const proxyPlaces = ['--proxy', ...sources.places.proxyFiles.map(({ path }) => path)].join(', ');
  const tokenPlaces = `--token-file, BEARER_TOKEN_FILE, bt_u${sources.userId ?? '<uid>'}`;
  const tried = ['a login (dirac-s3 login)', ...(proxies ? [`a proxy (${proxyPlaces})`] : []), `a token (${tokenPlaces})`];
  throw new DiracS3Error('unauthenticated', `there is neither ${tried.join(', nor ')}`);
}

async function namedProxy(sources: CredentialSources): Promise<Credential | undefined> {
  const { proxyFile, userId, clock } = sources;
  if (proxyFile === undefined) return undefined;
  const found = await readProxy({ path: proxyFile, named: true }, { userId, clock });
  if (found === undefined) throw new DiracS3Error('unauthenticated', `the proxy ${proxyFile} does not exist`);
  return judged(found, '--proxy', sources);
}

/** Of the places a variable names, or of the others. */
function firstProxy(named: boolean): Source {
  return async (sources) => {
    const { places, userId, clock } = sources;
    for (const place of places.proxyFiles.filter((candidate) => candidate.named === named)) {
      const found = await readProxy(place, { userId, clock });
      if (found !== undefined) return judged(found, named ? 'the environment' : 'the usual place', sources);
    }
    return undefined;
  };
}

/** Servers judge it again, with their revocation lists and their idea of how long a key must be. */
async function judged({ certificate, chain, file }: GridCertificate, from: string, sources: CredentialSources): Promise<ProxyCredential> {
  const { places, clock } = sources;
  const authorities = (await readAuthorities(places)).flatMap((pem) => {
    const der = decodePem(pem, 'CERTIFICATE');
    return typeof der === 'string' ? [] : der;
  });
  const trust = createTrustStore({ authorities, revocations: [] });
  const verdict = judgeChain(chain, { trust, now: clock.now(), revocation: 'ignore', minRsaBits: 1024 });
  if (!verdict.trusted) throw new DiracS3Error('unauthenticated', `the proxy ${file} is not accepted: ${verdict.reason}`);
  return { kind: 'proxy', file, from, certificate, proof: verdict.proof };
}

function tokenOf(found: FoundToken | undefined): TokenCredential | undefined {
  return found && { kind: 'token', from: found.from, token: () => Promise.resolve(found.token) };
}
