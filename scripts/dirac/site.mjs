// @ts-check
/**
 * A DIRAC installation on loopback in one temporary folder: the real Configuration server of one release, the two services that are stubs,
 * and the unmodified client of the same release as whichever user.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../ceph.mjs';
import { runProgram, startProgram, stopProgram } from '../world/processes.mjs';
import { changeConfiguration } from './administrator.mjs';
import { centralConfiguration, clientConfiguration, elements, people, serverConfiguration } from './configuration.mjs';
import { startStatusStub } from './status-stub.mjs';

/** @typedef {import('./configuration.mjs').Store} Store */
/** @typedef {keyof typeof people} Person */
/** @typedef {{OK: boolean, Value?: any, Errno?: number, Message?: string, exception?: string}} Answer what DIRAC's client returned */
/**
 * `through`: the StorageElement (default), its plugin for S3, or the client of the gateway (which needs no element, and may be constructed
 * with `client`, as a host or acting for somebody).
 * @typedef {{through?: 'element' | 'plugin' | 'gateway', element?: string, client?: Record<string, unknown>, method: string, arguments: unknown[], options?: Record<string, unknown>}} Question
 */

const scripts = fileURLToPath(new URL('./python', import.meta.url));

/**
 * @param {{
 *   version: string, python: string, directory: string, pki: string,
 *   store: Store, gatewayUrls: string[], fileCatalogUrl?: string | undefined,
 * }} facts `python`: interpreter of the environment that has this release; `pki`: what `make-grid-pki` made, with a proxy per user
 */
export async function startSite({ version, python, directory, pki, store, gatewayUrls, fileCatalogUrl }) {
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await mkdir(join(directory, 'etc'), { recursive: true });
    undo.push(() => rm(directory, { recursive: true, force: true }));
    const status = await startStatusStub(pki, {
      ...Object.fromEntries(Object.values(elements).map((name) => [name, {}])),
      [elements.banned]: { ReadAccess: 'Banned', WriteAccess: 'Banned', CheckAccess: 'Banned', RemoveAccess: 'Banned' },
    });
    undo.push(() => status.close());
    const configurationUrl = `dips://localhost:${await freePort()}/Configuration/Server`;
    const files = {
      central: join(directory, 'etc', 'Demo.cfg'),
      server: join(directory, 'server.cfg'),
      client: join(directory, 'client.cfg'),
    };
    const facts = { version, store, gatewayUrls, configurationUrl, statusUrl: status.url, pki, fileCatalogUrl };
    await writeFile(files.central, centralConfiguration(facts));
    await writeFile(files.server, serverConfiguration(facts));
    await writeFile(files.client, clientConfiguration(facts));

    const startConfiguration = () => startConfigurationServer({ python, directory, file: files.server });
    /** @type {{name: string, pid: number}[]} */
    const clients = [];
    /** @param {string} proxy @param {string[]} args @param {string} file */
    const client = async (proxy, args, file) => {
      const home = join(directory, 'home', proxy);
      const started = await startClient({
        python,
        args,
        env: diracEnvironment({ home, file, proxy: join(pki, `${proxy}.proxy`) }),
        home,
      });
      clients.push({ name: proxy, pid: started.pid });
      undo.push(() => started.close());
      return started;
    };
    let configuration = await startConfiguration();
    undo.push(() => stopProgram(configuration.child, 'SIGKILL'));
    return {
      version,
      directory,
      files,
      configurationUrl,
      pids: () => ({
        'Configuration/Server': Number(configuration.child.pid),
        ...Object.fromEntries(clients.map(({ name, pid }) => [`client ${name}`, pid])),
      }),
      status,
      close,
      /** Commits a change of the central configuration, as an administrator. @param {(text: string) => string} edit */
      changeConfiguration: (edit) => changeConfiguration({ pki, configurationUrl, central: files.central }, edit),
      killConfiguration: () => stopProgram(configuration.child, 'SIGKILL'),
      restartConfiguration: async () => {
        configuration = await startConfiguration();
      },
      log: () => configuration.log(),
      /** The client as a user whom the Configuration server lets in. @param {Person} person */
      client: (person) => client(person, [], files.client),
      /** The client with a proxy that is no user's: it has the configuration from a file, since no server gives it any. @param {string} proxy */
      stranger: (proxy) => client(proxy, ['--stranger'], `${files.client},${files.central}`),
      /**
       * One of DIRAC's own commands (or a script of these tests) to its end.
       * @param {Person} person @param {string[]} command
       */
      run: (person, command) => {
        const [name = '', ...args] = command;
        const program = name.endsWith('.py') ? [join(scripts, name)] : [join(python, '..', name)];
        const env = diracEnvironment({ home: join(directory, 'home', person), file: files.client, proxy: join(pki, `${person}.proxy`) });
        return runProgram(python, [...program, ...args], { cwd: directory, env });
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param {{python: string, directory: string, file: string}} facts */
async function startConfigurationServer({ python, directory, file }) {
  const program = join(python, '..', 'dirac-service');
  return startProgram([program, 'Configuration/Server', '-ddd', '--cfg', file], {
    command: python,
    cwd: directory,
    env: { ...diracEnvironment({ home: directory, file }), DIRAC_ROOT_PATH: directory },
    name: 'DIRAC Configuration/Server',
    ready: (line) => (/Listening at/.test(line) ? true : undefined),
  });
}

/** @param {{python: string, args: string[], env: NodeJS.ProcessEnv, home: string}} facts */
async function startClient({ python, args, env, home }) {
  await mkdir(home, { recursive: true });
  const { child, ready, log } = await startProgram([join(scripts, 'storage.py'), ...args], {
    command: python,
    cwd: home,
    env,
    name: 'the DIRAC client',
    ready: (line) => (line.startsWith('{"ready"') ? /** @type {{ready: string, pid: number}} */ (JSON.parse(line)) : undefined),
  });
  if (!child.stdin || !child.stdout) throw new Error('the DIRAC client has no pipes');
  const { stdin } = child;
  /** @type {((line: string) => void)[]} */
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  child.once('exit', () => waiting.splice(0).forEach((tell) => tell(`{"exception": "the client ended"}`)));
  /** @param {Question} question @returns {Promise<Answer>} */
  const ask = (question) =>
    new Promise((resolve) => {
      waiting.push((line) => resolve(JSON.parse(line)));
      stdin.write(`${JSON.stringify({ through: 'element', client: {}, options: {}, ...question })}\n`);
    });
  return { home, version: ready.ready, pid: ready.pid, ask, log, close: () => stopProgram(child) };
}

/**
 * Nothing of this machine's DIRAC, certificates or AWS set-up: the bundles of the environment would override DIRAC's directory of CAs.
 * @param {{home: string, file: string, proxy?: string}} facts @returns {NodeJS.ProcessEnv}
 */
function diracEnvironment({ home, file, proxy }) {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    LANG: 'C.UTF-8',
    PYTHONPATH: scripts,
    PYTHONDONTWRITEBYTECODE: '1',
    DIRACSYSCONFIG: file,
    ...(proxy === undefined ? {} : { X509_USER_PROXY: proxy }),
  };
}
