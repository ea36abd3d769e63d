import { homedir } from 'node:os';

/** What this program takes from its surroundings; the only place that reads `process.env`. */
export interface Environment {
  /** For the layers of the configuration: `DIRACSYSCONFIG`, `DIRAC_ROOT_PATH`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** `BEARER_TOKEN`, `BEARER_TOKEN_FILE` and `XDG_RUNTIME_DIR` of the WLCG Bearer Token Discovery. */
  readonly bearerToken: string | undefined;
  readonly bearerTokenFile: string | undefined;
  readonly runtimeDirectory: string | undefined;
  /** `DIRAC_S3_IDENTITY`, `user:group`: who uses a catalog that cannot ask for proof. */
  readonly identity: string | undefined;
  /** Effective user id; undefined where the platform has none. */
  readonly userId: number | undefined;
}

export function readEnvironment(): Environment {
  const variables = process.env;
  return {
    variables,
    home: homedir(),
    bearerToken: variables['BEARER_TOKEN'],
    bearerTokenFile: variables['BEARER_TOKEN_FILE'],
    runtimeDirectory: variables['XDG_RUNTIME_DIR'],
    identity: variables['DIRAC_S3_IDENTITY'],
    userId: process.geteuid?.(),
  };
}
