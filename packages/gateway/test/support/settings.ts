import { Secret, type S3Credentials, type StorageElement } from '@dirac-s3/core';
import type { AuthenticationSettings, OidcIssuer, Registry, SecuritySettings } from '@dirac-s3/core/config';
import { storageElementOf } from '@dirac-s3/core/testing';
import type { DevelopmentIssuer } from '../../src/testing/development-issuer.js';

const group = (users: readonly string[], properties: readonly string[], vo = 'vo') => ({ users, properties, vo, vomsRole: undefined });

/** alice and bob are users, carol is suspended, dave is in no group, erin administers. */
export const registry: Registry = {
  users: new Map(
    Object.entries({ alice: [], bob: [], carol: ['vo'], dave: [], erin: [] }).map(([name, suspendedVos]) => [
      name,
      { dns: [`/DC=org/CN=${name}`], suspendedVos, defaultGroups: [] },
    ]),
  ),
  groups: new Map([
    ['vo_user', group(['alice', 'bob', 'carol'], ['NormalUser'])],
    ['vo_admin', group(['erin'], ['NormalUser', 'FileCatalogManagement'])],
    ['other_user', group(['alice', 'carol'], ['NormalUser'], 'other')],
    ['ghosts', group(['zoe'], ['NormalUser'])],
    ['vo_less', group(['alice'], [], '')],
    ['hosts', group(['alice'], ['TrustedHost'])],
  ]),
  hosts: new Map([['gw', { dns: ['/DC=org/CN=gw'], properties: ['TrustedHost'] }]]),
  defaultGroups: ['vo_user'],
};

/** Nothing but tokens, and no rule: every method is for authenticated callers. */
export const closedAuthentication: AuthenticationSettings = {
  clientCertificates: undefined,
  rules: new Map(),
  authorization: 'closed',
  limitedProxies: 'accept',
};

export function issuerSettings(issuer: DevelopmentIssuer, jwks: OidcIssuer['jwks']): OidcIssuer {
  return {
    kind: 'oidc',
    name: 'Development',
    issuer: issuer.issuer,
    audience: issuer.audience,
    algorithms: ['ES256'],
    jwks,
    usernameClaim: 'preferred_username',
    groupClaim: 'dirac_group',
    vos: undefined,
  };
}

export const noSecurity: SecuritySettings = {
  useServerCertificate: true,
  useTokens: false,
  certFile: undefined,
  keyFile: undefined,
  gridSecurity: undefined,
  caLocation: undefined,
};

export const secretAccessKey = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
export const credentials: S3Credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: new Secret(secretAccessKey) };

export function storageElement(name: string, more: Partial<StorageElement> = {}): StorageElement {
  const policy = { defaultSeconds: 3600, maxSeconds: 86_400 };
  return storageElementOf(name, {
    endpoint: { secure: true, host: 'store.internal', port: 9000 },
    bucket: 'data',
    expiration: { transfer: policy, external: policy },
    ...more,
  });
}
