// @ts-check
/** A DIRAC installation of one release whose S3Gateway is ours: the site of `site.mjs`, and our gateways with their catalog. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createCatalogDatabase } from '../catalogs/mariadb.mjs';
import { startFileCatalogService } from '../catalogs/service.mjs';
import { freePort } from '../ceph.mjs';
import { runProgram, stopProgram } from '../world/processes.mjs';
import { built, cliProgram, startGateway } from '../world/world.mjs';
import { startBalancer } from './balancer.mjs';
import { gatewayConfiguration, gatewayOption, people, vo } from './configuration.mjs';
import { startSite } from './site.mjs';

/** @typedef {import('./site.mjs').Person} Person */

/**
 * @param {{
 *   version: string, python: string, directory: string, pki: string, store: import('./configuration.mjs').Store,
 *   gateways?: number, balanced?: boolean, refreshSeconds?: number, database?: import('../catalogs/mariadb.mjs').Server | undefined,
 * }} facts `database`: the catalog is DIRAC's own File Catalog service on it; else ours in a file; `balanced`: clients know one TCP address in front of the gateways; `refreshSeconds`: how often a gateway asks for a
 * newer configuration
 */
export async function startInstallation({
  version,
  python,
  directory,
  pki,
  store,
  gateways: count = 1,
  balanced = false,
  refreshSeconds = 300,
  database,
}) {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const probePorts = await Promise.all(ports.map(freePort));
  const balancer = balanced ? await startBalancer(ports) : undefined;
  const urls = (balancer ? [balancer.port] : ports).map((port) => `https://localhost:${port}`);
  const service = database && (await startFileCatalog({ python, directory, pki, server: database }));
  const site = await startSite({ version, python, directory, pki, store, gatewayUrls: urls, fileCatalogUrl: service?.url });
  /** @type {Awaited<ReturnType<typeof startGateway>>[]} */
  const gateways = [];
  const close = async () => {
    await Promise.all(gateways.map(({ child }) => stopProgram(child)));
    await balancer?.close();
    await service?.close();
    await site.close();
  };
  try {
    const catalog = database === undefined ? join(directory, 'catalog.db') : undefined;
    const file = join(directory, 'gateway.cfg');
    const probeKey = randomBytes(33).toString('base64url');
    await writeFile(
      file,
      gatewayConfiguration({ version, pki, configurationUrl: site.configurationUrl, refreshSeconds, store, catalog, probeKey }),
      {
        mode: 0o600,
      },
    );
    await (catalog === undefined ? seedFileCatalog(String(service?.url), pki) : seed(catalog));
    /** @param {number} index */
    const start = (index) => {
      const options = { Port: ports[index], 'Probe/Port': probePorts[index], 'Probe/PublicUrl': `http://127.0.0.1:${probePorts[index]}` };
      const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${gatewayOption(version, name)}=${value}`]);
      return startGateway(['--cfg', file, ...args], directory);
    };
    for (const index of ports.keys()) gateways.push(await start(index));
    /** @param {number} index of one that ended */
    const restartGateway = async (index) => {
      gateways[index] = await start(index);
    };
    /** Everything that runs by itself, by name. @returns {Record<string, number>} */
    const pids = () => ({
      ...site.pids(),
      ...(service ? { 'DataManagement/FileCatalog': service.pid() } : {}),
      ...Object.fromEntries(gateways.map(({ child }, index) => [`gateway ${index + 1}`, Number(child.pid)])),
    });
    return {
      ...site,
      pids,
      gateways,
      restartGateway,
      ports,
      probePorts,
      file,
      fileCatalogUrl: service?.url,
      register: registerer({ file, directory, pki }),
      cli: cliOf({ file: site.files.client, directory, pki }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The directories an administrator makes: a home per user, closed to everybody else. @param {string} catalog */
async function seed(catalog) {
  const { seedSqliteFileCatalog } = await import(built('core/dist/adapters/catalog/sqlite/index.js'));
  await seedSqliteFileCatalog(catalog, [
    { path: '/demo', owner: 'carol', group: 'demo_admin', mode: 0o755 },
    { path: '/demo/user', owner: 'carol', group: 'demo_admin', mode: 0o755 },
    ...Object.entries(people).map(([name, { group }]) => ({ path: `/demo/user/${name[0]}/${name}`, owner: name, group, mode: 0o700 })),
  ]);
}

/** DIRAC's own service with the users of this installation. @param {{python: string, directory: string, pki: string, server: import('../catalogs/mariadb.mjs').Server}} facts */
async function startFileCatalog({ python, directory, pki, server }) {
  // Two files of tests run at a time, on one server: with one name for all, the second would take the first one's entries away.
  const database = `EndToEnd_${randomBytes(6).toString('hex')}`;
  createCatalogDatabase(server, { name: database, layout: 'level', python });
  await mkdir(directory, { recursive: true });
  return startFileCatalogService({
    ...{ python, pki, directory, server, database, vo, layout: 'level', securityManager: 'VOMSSecurityManager', defaultMode: 0o700 },
    users: Object.keys(people),
    groups: {
      demo_user: { users: ['alice', 'dave', 'bob'] },
      demo_admin: { users: ['carol'], properties: ['NormalUser', 'FileCatalogManagement'] },
    },
    hostProperties: ['FileCatalogManagement'],
  });
}

/** The same directories in DIRAC's catalog, made by the administrator. @param {string} url @param {string} pki */
async function seedFileCatalog(url, pki) {
  const { createDiracService } = await import(built('core/dist/dirac-protocol/index.js'));
  const { parseProxyFile } = await import(built('core/dist/x509/index.js'));
  const { certificatesPem: certChainPem, keyPem } = parseProxyFile(await readFile(join(pki, 'carol.proxy'), 'utf8'));
  const caPem = [await readFile(join(pki, 'ca-bundle.pem'), 'utf8')];
  const service = createDiracService({ service: 'DataManagement/FileCatalog', urls: [url], caPem, certificate: { certChainPem, keyPem } });
  /** @param {string} method @param {Record<string, unknown>} values */
  const change = async (method, values) => {
    const { Failed } = await service.call(method, [values]);
    if (Object.keys(Failed).length > 0) throw new Error(`${method}: ${JSON.stringify(Failed)}`);
  };
  const homes = Object.entries(people).map(([name, { group }]) => ({ path: `/demo/user/${name[0]}/${name}`, name, group }));
  for (const path of ['/demo', '/demo/user', ...homes.map(({ path }) => path)]) await change('createDirectory', { [path]: true });
  await change('changePathMode', Object.fromEntries(['/demo', '/demo/user'].map((path) => [path, 0o755])));
  await change('changePathMode', Object.fromEntries(homes.map(({ path }) => [path, 0o700])));
  await change('changePathGroup', Object.fromEntries(homes.map(({ path, group }) => [path, group])));
  await change('changePathOwner', Object.fromEntries(homes.map(({ path, name }) => [path, name])));
  service.close();
}

/**
 * Our command line as a user of this installation has it: his proxy, the local file of a DIRAC client, and nothing else.
 * @param {{file: string, directory: string, pki: string}} facts
 */
function cliOf({ file, directory, pki }) {
  /** @param {Person} person @param {string[]} words @param {string} [program] a link to the program, under a name of DIRAC */
  return async (person, words, program = cliProgram) => {
    const home = join(directory, 'home', person);
    await mkdir(home, { recursive: true });
    return runProgram(process.execPath, [program, ...words, '--cfg', file], {
      cwd: home,
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        DIRAC_ROOT_PATH: join(home, 'no-dirac'),
        X509_USER_PROXY: join(pki, `${person}.proxy`),
      },
    });
  };
}

/**
 * Registers what a user uploaded with the client of DIRAC, as the last step of `dirac-dms-add-file` does where the catalog is DIRAC's.
 * @param {{file: string, directory: string, pki: string}} facts
 */
function registerer({ file, directory, pki }) {
  /** @param {Person} person @param {string} lfn @param {string} element */
  return async (person, lfn, element) => {
    const home = join(directory, 'home', person);
    await mkdir(home, { recursive: true });
    const { code, stderr } = await runProgram(process.execPath, [cliProgram, 'register', lfn, element, '--cfg', file], {
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        DIRAC_ROOT_PATH: join(home, 'no-dirac'),
        DIRAC_S3_IDENTITY: `${person}:${people[person].group}`,
        X509_USER_PROXY: join(pki, `${person}.proxy`),
      },
    });
    if (code !== 0) throw new Error(`register ${lfn}: ${stderr}`);
  };
}
