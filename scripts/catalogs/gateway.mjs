// @ts-check
/** Our gateway as a process of its own on whichever catalog, and questions to it as its users have them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostDn, text, userDn } from '../dirac/configuration.mjs';
import { stopProgram } from '../world/processes.mjs';
import { built, startGateway } from '../world/world.mjs';

/** @typedef {import('../dirac/configuration.mjs').Section} Section */
/** @typedef {import('./service.mjs').Group} Group */

export const element = 'STORE-S3';
const mostBytes = 1 << 28;

/**
 * Configuration and tokens for as many gateways as wanted, which are started and ended one after the other.
 * @param {{pki: string, directory: string, vo?: string, users: string[], groups: Record<string, Group>}} facts
 */
export async function prepareGateways({ pki, directory: parent, vo = 'vo', users, groups }) {
  const directory = await mkdtemp(join(parent, 'gateway-'));
  const { createDevelopmentIssuer } = await import(built('gateway/dist/testing/development-issuer.js'));
  const { createHttpClient } = await import(built('core/dist/http/index.js'));
  const issuer = await createDevelopmentIssuer({ jwksFile: join(directory, 'jwks.json') });
  const http = createHttpClient({
    unavailable: 'gateway-unavailable',
    tls: { caPem: [await readFile(join(pki, 'ca-bundle.pem'), 'utf8')] },
  });
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const running = new Set();
  /** @type {Section} */
  const registry = {
    Users: Object.fromEntries(users.map((name) => [name, { DN: userDn(name) }])),
    Groups: Object.fromEntries(
      Object.entries(groups).map(([name, { users: members, properties = ['NormalUser'] }]) => [
        name,
        { Users: members, Properties: properties, VO: vo },
      ]),
    ),
    Hosts: { localhost: { DN: hostDn, Properties: 'TrustedHost' } },
  };
  return {
    /**
     * Ends with an error that holds everything it said, when it does not start.
     * @param {{catalog: Section, rules?: Section, serviceUrl?: string | undefined, options?: Section}} site
     * `catalog`: its section in /Resources/FileCatalogs; `rules`: what it knows of the options of the service; `options`: its own
     */
    async start({ catalog, rules = {}, serviceUrl, options = {} }) {
      const file = join(directory, 'gateway.cfg');
      const own = { Host: '127.0.0.1', Port: 0, ...options };
      const trusted = { Issuer: issuer.issuer, Audience: issuer.audience, Algorithms: 'ES256', JwksFile: join(directory, 'jwks.json') };
      const configuration = {
        DIRAC: { Security: { 'Grid-Security': pki, CertFile: `${pki}/host.crt`, KeyFile: `${pki}/host.key` } },
        Systems: {
          DataManagement: {
            ...(serviceUrl === undefined ? {} : { URLs: { FileCatalog: serviceUrl } }),
            Services: { FileCatalog: rules, S3Gateway: { ...own, Issuers: { Development: trusted } } },
          },
        },
        Registry: registry,
        Resources: { FileCatalogs: { Catalog: catalog }, StorageElements: { [element]: storageElement } },
      };
      await writeFile(file, text(configuration), { mode: 0o600 });
      const { child, url, log } = await startGateway(['--cfg', file], directory);
      running.add(child);
      return {
        pid: Number(child.pid),
        log,
        /** A user whose questions are answered with status and body. @param {{username: string, group: string}} user */
        async as(user) {
          const token = await issuer.mint(user);
          /** @param {string} path @param {unknown} body */
          return async (path, body) => {
            const bytes = Buffer.from(JSON.stringify(body));
            const answer = await http.send({
              method: 'POST',
              url: `${url.replace('127.0.0.1', 'localhost')}/api/v1${path}`,
              headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': String(bytes.length) },
              body: (/** @type {{write(bytes: Uint8Array): Promise<void>}} */ to) => to.write(bytes),
            });
            return { status: answer.status, body: JSON.parse((await answer.start(mostBytes)).toString('utf8')) };
          };
        },
      };
    },
    /** Lets go of idle connections, which a gateway closes by itself after a while. */
    disconnect: () => http.close(),
    /** Ends those that still run. */
    async stop() {
      for (const child of running) await stopProgram(child);
      running.clear();
    },
    async close() {
      http.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A store nobody talks to: what is asked for is signed here. */
const storageElement = {
  BackendType: 'S3',
  S3: {
    PluginName: 'S3',
    Protocol: 's3',
    Access: 'remote',
    Host: 'store.example.org',
    Path: 'data',
    Aws_access_key_id: 'AKIAEXAMPLE',
    Aws_secret_access_key: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY',
  },
};

/** The section of a `FileCatalogDB`. @param {import('./mariadb.mjs').Server} server @param {{database: string, user: string, password: string}} account */
export function databaseSection({ host, port }, { database, user, password }) {
  return { CatalogType: 'FileCatalogDB', Host: host, Port: port, DBName: database, User: user, Password: password };
}
