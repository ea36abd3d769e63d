import type { AuthenticationSettings, IssuerSettings } from '../types.js';
import { checked, hint, integer, list, oneOf, text, yesNo, type Kind } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** Signature algorithms whose verifying key cannot sign: never `none`, never a shared secret (`HS…`). RFC 7518 and 8037. */
export const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const algorithms: Kind<readonly string[]> = {
  type: 'list',
  read: (value) => {
    const listed = list.read(value);
    const names = 'value' in listed ? listed.value : [];
    const wrong = names.find((name) => !tokenAlgorithms.some((known) => known === name));
    if (names.length > 0 && wrong === undefined) return { value: names };
    return { fault: `must be one or more of ${tokenAlgorithms.join(', ')}: asymmetric algorithms only${hint(value)}` };
  },
};

const keySetUrl = checked('URL', (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.username !== '' || url.password !== '') return 'must be a URL without user or password';
  if (url.protocol === 'https:') return undefined;
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  return url.protocol === 'http:' && loopback
    ? undefined
    : 'must be an https URL (http on loopback only): whoever answers there signs tokens';
});

/** Where DIRAC keeps the certificates of authorities unless it is told otherwise. */
export const usualCaDirectory = '/etc/grid-security/certificates';

/** Of `/Systems/DataManagement/Services/S3Gateway`. */
export const clientCertificateOptions = {
  enabled: option('ClientCertificates', yesNo, {
    written: 'yes with https',
    meaning: 'Ask clients for a certificate (grid proxies included). Needs CertFile and KeyFile.',
    example: 'no',
  }),
  caDirectory: option('CADirectory', text, {
    written: `those of \`/DIRAC/Security\`, else \`${usualCaDirectory}\``,
    meaning: 'Directory with the certificates of trusted authorities and their revocation lists, as OpenSSL and IGTF lay it out.',
    example: '/opt/dirac/etc/grid-security/certificates',
  }),
  revocation: option('Revocation', oneOf('if-present', 'required', 'ignore'), {
    fallback: 'if-present',
    meaning:
      'Revocation lists: an authority that has one needs a good one; every authority needs one; or none is looked at, as DIRAC does.',
    example: 'required',
  }),
  minRsaBits: option('MinRsaBits', integer(1024, 16_384), {
    fallback: 2048,
    meaning: 'Smallest RSA key in a chain of certificates, in bits.',
    example: '1024',
  }),
} satisfies OptionTable;

/** Of `…/S3Gateway/Policies`. */
export const callerPolicyOptions = {
  authorization: option('Authorization', oneOf<AuthenticationSettings['authorization']>('closed', 'as-dirac'), {
    fallback: 'closed',
    meaning:
      'A method without a rule is for authenticated callers, whom `any` or `all` lets in without proof has no properties, and `group:` and `vo:` hold for delegated users too; or as in DIRAC, where a method without a rule is for anybody, properties of a merely claimed group are kept, and delegation loses the groups of a rule.',
    example: 'as-dirac',
  }),
  limitedProxies: option('LimitedProxies', oneOf<AuthenticationSettings['limitedProxies']>('accept', 'read-only'), {
    fallback: 'accept',
    meaning: 'A caller with a limited proxy may do what one with a full proxy may; or may only read.',
    example: 'read-only',
  }),
} satisfies OptionTable;

/** `…/S3Gateway/Issuers/<name>`, whatever its kind. */
export const issuerOptions = {
  kind: option('Kind', oneOf<IssuerSettings['kind']>('oidc', 'diracx', 'wlcg'), {
    fallback: 'oidc',
    meaning: 'What its tokens look like: one claim each for user and group, DiracX access tokens, or the WLCG profile (IAM).',
    example: 'wlcg',
  }),
  issuer: option('Issuer', text, {
    required: true,
    meaning: 'Exact value of the claim `iss`.',
    example: 'https://idp.example.org/realms/dirac',
  }),
  audience: option('Audience', text, {
    written: '**required**, except for `diracx`',
    meaning: 'Value that the claim `aud` must hold. DiracX writes none.',
    example: 'dirac-s3',
  }),
  algorithms: option('Algorithms', algorithms, {
    required: true,
    meaning: 'Algorithms a token may be signed with; asymmetric ones only.',
    example: 'ES256, EdDSA',
  }),
  jwksFile: option('JwksFile', text, {
    meaning: 'File with the public keys (JWK set). Either this or JwksUrl.',
    example: '/opt/dirac/etc/issuer.jwks.json',
  }),
  jwksUrl: option('JwksUrl', keySetUrl, {
    meaning: 'Where the public keys are fetched: https, on loopback also http.',
    example: 'https://idp.example.org/realms/dirac/certs',
  }),
  vos: option('VOs', list, {
    written: 'any; **required** for `diracx`',
    meaning: 'VOs whose groups its tokens may name. The user names of DiracX are unique within a VO only.',
    example: 'lhcb',
  }),
} satisfies OptionTable;

/** Further options of an issuer of kind `oidc`. */
export const oidcOptions = {
  usernameClaim: option('UsernameClaim', text, {
    fallback: 'preferred_username',
    meaning: '`oidc`: claim with the DIRAC user name.',
    example: 'sub',
  }),
  groupClaim: option('GroupClaim', text, { fallback: 'dirac_group', meaning: '`oidc`: claim with the DIRAC group.', example: 'group' }),
} satisfies OptionTable;

/** Further options of an issuer of kind `wlcg`. */
export const wlcgOptions = {
  basePath: option('BasePath', text, {
    fallback: '/',
    meaning: '`wlcg`: directory of the catalog that `/` of a `storage.*` scope stands for.',
    example: '/lhcb',
  }),
} satisfies OptionTable;
