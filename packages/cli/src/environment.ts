import { homedir } from 'node:os';
import { join } from 'node:path';

/** What this program takes from its surroundings; the only place that reads `process.env`. */
export interface Environment {
  /** For the layers of the configuration: `DIRACSYSCONFIG`, `DIRAC_ROOT_PATH`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** `BEARER_TOKEN`, `BEARER_TOKEN_FILE` and `XDG_RUNTIME_DIR` of the WLCG Bearer Token Discovery. */
  readonly bearerToken: string | undefined;
  readonly bearerTokenFile: string | undefined;
  readonly runtimeDirectory: string | undefined;
  /** `XDG_STATE_HOME`, where `dirac-s3 login` keeps what it was given. */
  readonly stateDirectory: string | undefined;
  /** `DIRAC_S3_IDENTITY`, `user:group`: who uses a catalog that cannot ask for proof. */
  readonly identity: string | undefined;
  /** `DCOMMANDS_CONFIG_DIR`: where the short commands keep what they remember; undefined: `~/.dirac`. */
  readonly shellDirectory: string | undefined;
  /** The shell that runs the short commands: each has a current directory of its own. */
  readonly parentPid: number;
  /** Effective user id; undefined where the platform has none. */
  readonly userId: number | undefined;
}

export function readEnvironment(): Environment {
  const { BEARER_TOKEN, BEARER_TOKEN_FILE, XDG_RUNTIME_DIR, XDG_STATE_HOME, DIRAC_S3_IDENTITY, DCOMMANDS_CONFIG_DIR } = process.env;
  return {
    variables: process.env,
    home: homedir(),
    bearerToken: BEARER_TOKEN,
    bearerTokenFile: BEARER_TOKEN_FILE,
    runtimeDirectory: XDG_RUNTIME_DIR,
    stateDirectory: XDG_STATE_HOME,
    identity: DIRAC_S3_IDENTITY,
    shellDirectory: DCOMMANDS_CONFIG_DIR === '' ? undefined : DCOMMANDS_CONFIG_DIR,
    parentPid: process.ppid,
    userId: process.geteuid?.(),
  };
}

/** Where transfers that were begun are listed, so that they are found from anywhere (XDG Base Directory Specification). */
export function transfersDirectory({ stateDirectory, home }: Pick<Environment, 'stateDirectory' | 'home'>): string {
  const state = stateDirectory === undefined || stateDirectory === '' ? join(home, '.local', 'state') : stateDirectory;
  return join(state, 'dirac-s3', 'transfers');
}
