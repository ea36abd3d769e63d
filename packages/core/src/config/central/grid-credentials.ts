import { join } from 'node:path';
import type { SecuritySettings } from '../types.js';

/** Where the credentials of a client of DIRAC services may be, in the order DIRAC looks (`Core/Security/Locations.py`). */
export interface GridCredentialPlaces {
  /** What is to be shown. As in DIRAC, one kind never stands in for another. */
  readonly show: 'proxy' | 'host' | 'token';
  /** `named`: somebody said so, by a variable. */
  readonly proxyFiles: readonly { readonly path: string; readonly named: boolean }[];
  readonly hostCertificates: readonly { readonly certFile: string; readonly keyFile: string }[];
  readonly authorityDirectories: readonly string[];
}

export interface GridCredentialSources {
  readonly security: SecuritySettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id; undefined where the platform has none. */
  readonly userId: number | undefined;
  readonly temporaryDirectory?: string | undefined;
}

/** Pure: which of them exist is found out by whoever reads them. */
export function findGridCredentials({ security, env, userId, temporaryDirectory = '/tmp' }: GridCredentialSources): GridCredentialPlaces {
  const set = (name: string): string[] => (env[name] ? [env[name]] : []);
  const own = set('DIRAC_ROOT_PATH').map((root) => join(root, 'etc', 'grid-security'));
  const gridSecurity = security.gridSecurity === undefined ? [] : [security.gridSecurity];
  const [certFile = security.certFile] = set('DIRAC_X509_HOST_CERT');
  const [keyFile = security.keyFile] = set('DIRAC_X509_HOST_KEY');
  const { DIRAC_USE_ACCESS_TOKEN: useTokens } = env;
  const tokens = useTokens === undefined ? security.useTokens : /^(?:y|yes|true|1)$/i.test(useTokens);
  return {
    show: security.useServerCertificate ? 'host' : tokens ? 'token' : 'proxy',
    proxyFiles: [
      ...[...set('GRID_PROXY_FILE'), ...set('X509_USER_PROXY')].map((path) => ({ path, named: true })),
      ...(userId === undefined ? [] : [{ path: join(temporaryDirectory, `x509up_u${userId}`), named: false }]),
    ],
    hostCertificates:
      certFile !== undefined && keyFile !== undefined
        ? [{ certFile, keyFile }]
        : ['server', 'host', 'dirac', 'service'].flatMap((prefix) =>
            [...gridSecurity, ...own].map((directory) => ({
              certFile: certFile ?? join(directory, `${prefix}cert.pem`),
              keyFile: keyFile ?? join(directory, `${prefix}key.pem`),
            })),
          ),
    authorityDirectories: [
      ...gridSecurity.map((directory) => join(directory, 'certificates')),
      ...(security.caLocation === undefined ? [] : [security.caLocation]),
      ...set('X509_CERT_DIR'),
      ...own.map((directory) => join(directory, 'certificates')),
      '/etc/grid-security/certificates',
    ],
  };
}
