// @ts-check
/**
 * A whole sample installation on loopback, in one temporary folder: an S3 store that checks signatures, an SQLite catalog, one or more
 * gateways, an issuer of tokens and a home for each user. The tour, `npm start`, the end-to-end tests and the benchmarks all use it.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { centralConfiguration, gatewayConfiguration, people, pointerToCentral, privateConfiguration } from './configuration.mjs';
import { runProgram, startProgram, stopProgram } from './processes.mjs';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));
export const built = (/** @type {string} */ path) => join(packages, path);
export const cliProgram = built('cli/dist/main.js');
export const gatewayProgram = built('gateway/dist/main.js');

/** @typedef {import('./configuration.mjs').Store} Store */
/** @typedef {import('./configuration.mjs').Elements} Elements */
/** @typedef {{url: string, child: import('node:child_process').ChildProcess, log: () => string}} Gateway */
/** @typedef {keyof typeof people} Person */

/**
 * Starts the development store in this process, for those who look at its requests.
 * @param {import('../../packages/core/dist/testing/development-store/index.js').DevelopmentStoreOptions} options
 * @returns {Promise<import('../../packages/core/dist/testing/development-store/index.js').DevelopmentStore>}
 */
export async function openDevelopmentStore(options) {
  const { startDevelopmentStore: start } = await import(built('core/dist/testing/development-store/index.js'));
  return start(options);
}

/** Starts the development store as a process of its own. */
export async function startDevelopmentStore(/** @type {string} */ directory) {
  const program = built('core/dist/testing/development-store/main.js');
  const { child, ready } = await startProgram([program, '--directory', directory, '--port', '0', '--bucket', 'demo-data'], {
    name: 'the development store',
    ready: (line) => (line.startsWith('{') ? JSON.parse(line) : undefined),
  });
  const { origin, region, accessKeyId, secretAccessKey, writeOnlyAccessKeyId, writeOnlySecretAccessKey } = ready;
  /** @type {Store} */
  const store = {
    origin,
    region,
    bucket: 'demo-data',
    credentials: { accessKeyId, secretAccessKey },
    writeOnlyCredentials: { accessKeyId: writeOnlyAccessKeyId, secretAccessKey: writeOnlySecretAccessKey },
  };
  return { store, child };
}

/**
 * @param {{
 *   store?: Store | undefined,
 *   gateways?: number,
 *   elements?: (store: Store) => Promise<Elements>,
 *   directory?: string,
 *   tokenLifetimeSeconds?: number,
 *   uploadKeys?: boolean,
 *   gatewayOptions?: readonly string[],
 * }} [options] `store`: use this one instead of a development store; `elements`: StorageElements beside DEMO-S3; the tokens
 * of the users are valid for an hour; `uploadKeys: false`: each gateway binds uploads in parts by a key of its own; `gatewayOptions`: more
 * words for the gateways.
 */
export async function startWorld({ store: given, gateways: count = 1, elements: more = async () => ({}), ...options } = {}) {
  const { directory: place, tokenLifetimeSeconds = 3600, uploadKeys = true, gatewayOptions = [] } = options;
  const directory = place ?? (await mkdtemp(join(tmpdir(), 'dirac-s3-')));
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [() => rm(directory, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { store, child } = given ? { store: given, child: undefined } : await startDevelopmentStore(join(directory, 'store'));
    if (child) undo.push(() => stopProgram(child));
    const elements = { 'DEMO-S3': { origin: store.origin }, ...(await more(store)) };
    const files = await writeConfiguration(directory, store, { elements, uploadKeys });
    await seedCatalog(files.catalog);

    /** @type {Gateway[]} */
    const gateways = [];
    for (let n = 0; n < count; n += 1) {
      const gateway = await startGateway(['--cfg', files.gateway, ...gatewayOptions], directory);
      undo.push(() => stopProgram(gateway.child));
      gateways.push(gateway);
    }
    await files.setGatewayUrls(gateways.map(({ url }) => url));
    const homes = await makeHomes(directory, files, tokenLifetimeSeconds);
    return { directory, store, elements, gateways, files, homes, issuer: files.issuer, ...cliOf(files, homes), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param {string} directory @param {Store} store @param {{elements: Elements, uploadKeys: boolean}} facts */
async function writeConfiguration(directory, store, { elements, uploadKeys }) {
  const { createDevelopmentIssuer } = await import(built('gateway/dist/testing/development-issuer.js'));
  const paths = {
    central: join(directory, 'central.cfg'),
    gateway: join(directory, 'gateway.cfg'),
    direct: join(directory, 'direct.cfg'),
    catalog: join(directory, 'catalog.db'),
  };
  const issuer = await createDevelopmentIssuer({ jwksFile: join(directory, 'jwks.json') });
  const secret = { mode: 0o600 };
  const local = privateConfiguration({ central: paths.central, store, elements, catalog: paths.catalog });
  const uploadKey = uploadKeys ? randomBytes(33).toString('base64') : undefined;
  await writeFile(paths.gateway, local + gatewayConfiguration({ ...issuer, jwksFile: join(directory, 'jwks.json'), uploadKey }), secret);
  await writeFile(paths.direct, local, secret);
  const setGatewayUrls = (/** @type {string[]} */ gatewayUrls) =>
    writeFile(paths.central, centralConfiguration({ store, gatewayUrls, elements }));
  await setGatewayUrls([]);
  return { ...paths, issuer, setGatewayUrls };
}

/** The directories a site's administrator makes: a home per user. */
async function seedCatalog(/** @type {string} */ path) {
  const { seedSqliteFileCatalog } = await import(built('core/dist/adapters/catalog/sqlite/index.js'));
  await seedSqliteFileCatalog(
    path,
    [
      { path: '/demo', owner: 'carol', group: 'demo_admin', mode: 0o755 },
      { path: '/demo/user', owner: 'carol', group: 'demo_admin', mode: 0o755 },
      ...Object.values(people).map(({ username, group }) => ({
        path: `/demo/user/${username[0]}/${username}`,
        owner: username,
        group,
        mode: 0o700,
      })),
    ],
    { now: () => new Date() },
  );
}

/** @param {string[]} args @param {string} home @returns {Promise<Gateway>} */
export async function startGateway(args, home) {
  const { child, ready, log } = await startProgram([gatewayProgram, ...args], {
    name: 'the gateway',
    env: bareEnvironment(home),
    ready: (line) => {
      const entry = line.startsWith('{') ? JSON.parse(line) : {};
      return entry.msg === 'listening' ? /** @type {string} */ (entry.url) : undefined;
    },
  });
  return { child, url: ready, log };
}

/**
 * @typedef {{mint(user: {username: string, group: string, lifetimeSeconds: number}): Promise<string>}} Issuer
 * @param {string} directory @param {{central: string, issuer: Issuer}} files @param {number} lifetimeSeconds
 */
async function makeHomes(directory, { central, issuer }, lifetimeSeconds) {
  /** @type {Record<string, {home: string, tokenFile: string}>} */
  const homes = {};
  for (const [name, person] of Object.entries(people)) {
    const home = join(directory, 'home', name);
    const tokenFile = join(home, 'token');
    await mkdir(home, { recursive: true });
    await writeFile(join(home, '.dirac.cfg'), pointerToCentral(central));
    await writeFile(tokenFile, await issuer.mint({ ...person, lifetimeSeconds }), { mode: 0o600 });
    homes[name] = { home, tokenFile };
  }
  return /** @type {Record<Person, {home: string, tokenFile: string}>} */ (homes);
}

/** An environment without anything of this machine's DIRAC or AWS set-up. */
function bareEnvironment(/** @type {string} */ home) {
  return { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', DIRAC_ROOT_PATH: join(home, 'no-dirac') };
}

/**
 * The real command line, in the home of a user: with his token and no storage credentials, or `direct` with the credentials of the
 * StorageElements and no gateway. `cli` runs it as a process of its own, `cliCommand` says how.
 * @param {{direct: string}} files @param {Record<Person, {home: string, tokenFile: string}>} homes
 */
function cliOf({ direct }, homes) {
  /** @typedef {{direct?: boolean, env?: NodeJS.ProcessEnv, program?: string}} CliOptions */
  /** @param {Person} person @param {string[]} args @param {CliOptions} [options] */
  const cliCommand = (person, args, { direct: withKeys = false, env = {}, program = cliProgram } = {}) => {
    const { home, tokenFile } = homes[person];
    const { username, group } = people[person];
    const access = withKeys ? { DIRAC_S3_IDENTITY: `${username}:${group}` } : { BEARER_TOKEN_FILE: tokenFile };
    return {
      command: process.execPath,
      args: [program, ...args, ...(withKeys ? ['--cfg', direct] : [])],
      cwd: home,
      env: { ...bareEnvironment(home), ...access, ...env },
    };
  };
  /** @param {Person} person @param {string[]} words @param {CliOptions} [options] */
  const cli = async (person, words, options) => {
    const { command, args, cwd, env } = cliCommand(person, words, options);
    return runProgram(command, args, { cwd, env });
  };
  return { cliCommand, cli };
}

/**
 * A configuration whose catalog is a copy that can be broken under a running gateway: `damage` drops a table the gateway needs.
 * @param {Awaited<ReturnType<typeof startWorld>>} world
 */
export async function damagedCatalogConfiguration(world) {
  const copy = join(world.directory, 'damaged.db');
  const config = join(world.directory, 'damaged.cfg');
  const Database = createRequire(built('core/package.json'))('libsql');
  const original = new Database(world.files.catalog);
  original.exec(`VACUUM INTO '${copy}'`);
  original.close();
  await writeFile(config, `Resources\n{\n  FileCatalogs\n  {\n    FileCatalog\n    {\n      Path = ${copy}\n    }\n  }\n}\n`);
  const damage = async () => {
    const database = new Database(copy);
    database.exec('PRAGMA foreign_keys = off');
    database.exec('DROP TABLE directories');
    database.close();
  };
  return { config, damage };
}
