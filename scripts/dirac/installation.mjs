// @ts-check
/** A DIRAC installation of one release whose S3Gateway is ours: the site of `site.mjs`, and our gateways with their catalog. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import { freePort } from '../ceph.mjs';
import { runProgram, stopProgram } from '../world/processes.mjs';
import { built, cliProgram, startGateway } from '../world/world.mjs';
import { startBalancer } from './balancer.mjs';
import { gatewayConfiguration, gatewayOption, people } from './configuration.mjs';
import { startSite } from './site.mjs';

/** @typedef {import('./site.mjs').Person} Person */

/**
 * @param {{
 *   version: string, python: string, directory: string, pki: string, store: import('./configuration.mjs').Store,
 *   gateways?: number, balanced?: boolean, refreshSeconds?: number,
 * }} facts `balanced`: clients know one TCP address in front of the gateways; `refreshSeconds`: how often a gateway asks for a
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
}) {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const probePorts = await Promise.all(ports.map(freePort));
  const balancer = balanced ? await startBalancer(ports) : undefined;
  const urls = (balancer ? [balancer.port] : ports).map((port) => `https://localhost:${port}`);
  const site = await startSite({ version, python, directory, pki, store, gatewayUrls: urls });
  /** @type {Awaited<ReturnType<typeof startGateway>>[]} */
  const gateways = [];
  const close = async () => {
    await Promise.all(gateways.map(({ child }) => stopProgram(child)));
    await balancer?.close();
    await site.close();
  };
  try {
    const catalog = join(directory, 'catalog.db');
    const file = join(directory, 'gateway.cfg');
    const probeKey = randomBytes(33).toString('base64url');
    await writeFile(
      file,
      gatewayConfiguration({ version, pki, configurationUrl: site.configurationUrl, refreshSeconds, store, catalog, probeKey }),
      {
        mode: 0o600,
      },
    );
    await seed(catalog);
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
      ...Object.fromEntries(gateways.map(({ child }, index) => [`gateway ${index + 1}`, Number(child.pid)])),
    });
    return { ...site, pids, gateways, restartGateway, ports, probePorts, file, register: registerer({ file, directory, pki }), close };
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
