// @ts-check
/** DIRAC's own File Catalog service over DISET, alone on loopback: everything it would get from a Configuration server is in its file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../ceph.mjs';
import { hostDn, text, userDn } from '../dirac/configuration.mjs';
import { startProgram, stopProgram } from '../world/processes.mjs';

/** @typedef {import('./mariadb.mjs').LayoutName} LayoutName */
/** @typedef {{users: string[], properties?: string[], vomsRole?: string}} Group */

const component = 'DataManagement/FileCatalog';
export { userDn };

/**
 * @param {{
 *   python: string, pki: string, directory: string, server: import('./mariadb.mjs').Server, database: string, layout: LayoutName,
 *   securityManager: string, vo?: string, defaultMode?: number, globalReadAccess?: boolean, users: string[], groups: Record<string, Group>, hostProperties?: string[], trusted?: boolean,
 * }} facts
 */
export async function startFileCatalogService(facts) {
  const directory = await mkdtemp(join(facts.directory, 'service-'));
  const port = await freePort();
  const file = join(directory, 'dirac.cfg');
  await writeFile(file, configuration(facts, port), { mode: 0o600 });
  const start = () =>
    startProgram([join(facts.python, '..', 'dirac-service'), component, '-ddd', '--cfg', file], {
      command: facts.python,
      cwd: directory,
      env: {
        PATH: process.env['PATH'],
        HOME: directory,
        LANG: 'C.UTF-8',
        PYTHONPATH: fileURLToPath(new URL('../dirac/python', import.meta.url)),
        PYTHONDONTWRITEBYTECODE: '1',
        DIRACSYSCONFIG: file,
        DIRAC_ROOT_PATH: directory,
      },
      name: `DIRAC ${component}`,
      ready: (line) => (/Listening at/.test(line) ? true : undefined),
    });
  let running = await start();
  return {
    url: `dips://localhost:${port}/${component}`,
    pid: () => Number(running.child.pid),
    log: () => running.log(),
    kill: () => stopProgram(running.child, 'SIGKILL'),
    restart: async () => {
      running = await start();
    },
    close: async () => {
      await stopProgram(running.child, 'SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** @param {Parameters<typeof startFileCatalogService>[0]} facts @param {number} port */
function configuration(
  {
    pki,
    server,
    database,
    layout,
    securityManager,
    vo = 'vo',
    defaultMode = 509,
    globalReadAccess = false,
    users,
    groups,
    hostProperties = [],
    trusted = true,
  },
  port,
) {
  return text({
    DIRAC: {
      VirtualOrganization: vo,
      Security: { 'Grid-Security': pki, UseServerCertificate: 'yes', CertFile: `${pki}/host.crt`, KeyFile: `${pki}/host.key` },
    },
    Systems: {
      DataManagement: {
        Services: {
          FileCatalog: {
            HandlerPath: 'DIRAC/DataManagementSystem/Service/FileCatalogHandler.py',
            Port: port,
            UserGroupManager: 'UserAndGroupManagerDB',
            SEManager: 'SEManagerDB',
            SecurityManager: securityManager,
            DirectoryManager: layout === 'level' ? 'DirectoryLevelTree' : 'DirectoryClosure',
            FileManager: layout === 'level' ? 'FileManager' : 'FileManagerPs',
            UniqueGUID: 'True',
            GlobalReadAccess: globalReadAccess ? 'True' : 'False',
            LFNPFNConvention: 'Weak',
            DefaultUmask: defaultMode,
            ValidFileStatus: ['AprioriGood', 'Trash', 'Removing', 'Probing'],
            VisibleFileStatus: 'AprioriGood',
            ValidReplicaStatus: ['AprioriGood', 'Trash', 'Removing', 'Probing'],
            VisibleReplicaStatus: 'AprioriGood',
            Authorization: { Default: 'authenticated' },
          },
        },
        Databases: {
          FileCatalogDB: { DBName: database, Host: server.host, Port: server.port, User: server.user, Password: server.password },
        },
      },
    },
    Registry: {
      Users: Object.fromEntries(users.map((name) => [name, { DN: userDn(name) }])),
      Groups: Object.fromEntries(
        Object.entries(groups).map(([name, { users: members, properties = ['NormalUser'], vomsRole }]) => [
          name,
          { Users: members, Properties: properties, VO: vo, ...(vomsRole === undefined ? {} : { VOMSRole: vomsRole }) },
        ]),
      ),
      Hosts: { localhost: { DN: hostDn, Properties: [...(trusted ? ['TrustedHost'] : ['NormalUser']), ...hostProperties] } },
    },
  });
}
