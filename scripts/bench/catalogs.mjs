// @ts-check
/**
 * How long the gateway takes to presign 1, 100, 1 000 and 10 000 LFNs with each catalog, asked over HTTPS as a client does; beside it one question
 * for each LFN, as DIRAC's S3Gateway asks; and what becomes of it when the catalog holds a hundred times as many files. Everything takes its turn in
 * every round; a ratio is one of times of the same round.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceEnvironment } from '../catalogs/environment.mjs';
import { fillDatabase, fillSqlite, nameOf } from '../catalogs/fill.mjs';
import { databaseSection, element, prepareGateways } from '../catalogs/gateway.mjs';
import { createCatalogDatabase, destroyMariaDb, requireMariaDb, sqlOf, startMariaDb } from '../catalogs/mariadb.mjs';
import { startFileCatalogService, userDn } from '../catalogs/service.mjs';
import { freePort } from '../ceph.mjs';
import { root } from '../setup.mjs';

const counts = [1, 100, 1000, 10_000];
const sizes = [10_000, 1_000_000];
const [filesPerDirectory, directoriesAsked] = [1000, 10];
const [rounds, roundsOfService] = [7, 3];
const rules = { SecurityManager: 'VOMSSecurityManager', GlobalReadAccess: 'False' };
const site = { users: ['alice'], groups: { users: { users: ['alice'] } } };

/** @typedef {(lfns: string[]) => Promise<void>} Ask */
/** @typedef {{name: string, files: number, ask: Ask}} Contender */

requireMariaDb();
const python = await serviceEnvironment();
const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-bench-catalogs-'));
const place = join(directory, 'mariadb');
process.on('exit', () => {
  destroyMariaDb(place);
  rmSync(directory, { recursive: true, force: true });
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => process.exit(1));
// The indexes fit into memory, as they should on a server in use.
const server = startMariaDb(place, await freePort(), ['innodb-buffer-pool-size=1G']);
const pki = join(directory, 'pki');
spawnSync('bash', [join(root, 'scripts', 'make-grid-pki'), pki, 'alice']);
const built = (/** @type {string} */ path) => import(join(root, 'packages', 'core', 'dist', path));
const gateways = await prepareGateways({ pki, directory, ...site });

/** @type {Contender[]} */
const local = [];
for (const files of sizes) {
  const path = join(directory, `catalog-${files}.db`);
  await fillSqlite(path, { files, filesPerDirectory });
  local.push({ name: 'embedded', files, ask: await throughGateway({ catalog: { CatalogType: 'Sqlite', Path: path }, rules }) });
  for (const layout of /** @type {const} */ (['level', 'closure'])) {
    const database = nameOfDatabase(layout, files);
    createCatalogDatabase(server, { name: database, layout, python });
    fillDatabase(server, { name: database, layout, files, filesPerDirectory });
    sqlOf(server, `USE ${database}; ANALYZE TABLE FC_Files;`);
    const catalog = databaseSection(server, { ...server, database });
    local.push({ name: `database, ${layout}`, files, ask: await throughGateway({ catalog, rules }) });
    local.push({ name: `(its question alone, ${layout})`, files, ask: await questionAlone(database) });
  }
}
const service = await startFileCatalogService({
  ...{ python, pki, directory, server, layout: 'level', securityManager: rules.SecurityManager, ...site },
  database: nameOfDatabase('level', /** @type {number} */ (sizes[0])),
});
const remote = {
  name: 'service, DISET',
  files: /** @type {number} */ (sizes[0]),
  ask: await throughGateway({ catalog: { CatalogType: 'FileCatalog', TimeoutSeconds: 300 }, rules, serviceUrl: service.url }),
};
const each = await oneQuestionPerLfn(service.url);

say(`milliseconds for one request, median (range) of ${rounds} rounds, ${roundsOfService} with the service`);
for (const count of counts) {
  gateways.disconnect();
  const times = await measure(local, { count, rounds });
  const ofService = await measure([remote], { count, rounds: roundsOfService });
  say(`\n${count} LFNs                            ${sizes.map((files) => `${files} files`.padStart(24)).join('')}   growth`);
  for (const name of new Set(local.map((one) => one.name))) {
    const [small = [], large = []] = sizes.map((files) => times.get(`${name} ${files}`));
    say(row(name, [small, large], spread(small.map((time, at) => Number(large[at]) / time))));
  }
  const [whole = []] = ofService.values();
  say(row(remote.name, [whole], ''));
  if (count > 1000 || count === 1) continue;
  const single = await measure([{ ...remote, name: 'each', ask: each }], { count, rounds: count > 100 ? 1 : roundsOfService });
  const [singly = []] = single.values();
  say(row('service, a question per LFN', [singly], ''));
  const times10e4 = times.get(`database, level ${sizes[0]}`) ?? [];
  const ratioTo = (/** @type {number[]} */ others) => spread(others.map((time) => median(singly) / time));
  say(`a question per LFN takes ${ratioTo(whole)} times the one of the service, ${ratioTo(times10e4)} times the database`);
}
await gateways.stop();
await gateways.close();
await service.close();
process.exit(0);

/** @param {string} layout @param {number} files */
function nameOfDatabase(layout, files) {
  return `bench_${layout}_${files}`;
}

/** @param {Parameters<typeof gateways.start>[0]} facts @returns {Promise<Ask>} */
async function throughGateway(facts) {
  const alice = await (await gateways.start(facts)).as({ username: 'alice', group: 'users' });
  return async (lfns) => {
    const { status, body } = await alice('/presign', {
      storageElement: element,
      method: 'get_object',
      items: lfns.map((lfn) => ({ lfn })),
    });
    if (status !== 200 || body.successful.length !== lfns.length) throw new Error(`${status}: ${JSON.stringify(body).slice(0, 500)}`);
  };
}

/** What the gateway asks the database, without the gateway. @param {string} database @returns {Promise<Ask>} */
async function questionAlone(database) {
  const { createIdentity, Secret } = await built('index.js');
  const { openFileCatalogDb } = await built('adapters/catalog/file-catalog-db/index.js');
  const settings = { ...server, database, password: new Secret(server.password), timeoutSeconds: 60, connections: 1, allowReplica: false };
  const catalog = openFileCatalogDb({
    database: { ...settings, socketPath: undefined, caFile: undefined },
    rules: { securityManager: rules.SecurityManager, globalReadAccess: false, defaultMode: 509, visibleStates: ['AprioriGood'] },
    vomsRoleOf: () => undefined,
    openRoot: 'never',
  });
  const identity = createIdentity({ username: 'alice', group: 'users', vo: 'vo', properties: [], source: 'local' });
  return async (lfns) => {
    const answers = await catalog.checkPermission({ identity, method: 'getFileMetadata', lfns });
    if (![...answers.values()].every(({ allowed }) => allowed)) throw new Error('something was refused');
  };
}

/** One hasAccess after the other, and nothing else. @param {string} url @returns {Promise<Ask>} */
async function oneQuestionPerLfn(url) {
  const { createIdentity, Secret } = await built('index.js');
  const { openFileCatalogRpc } = await built('adapters/catalog/file-catalog-rpc/index.js');
  const { createDiracService } = await built('dirac-protocol/index.js');
  const read = (/** @type {string} */ name) => readFileSync(join(pki, name), 'utf8');
  const certificate = { certChainPem: read('host.crt'), keyPem: new Secret(read('host.key')) };
  const client = { service: 'DataManagement/FileCatalog', urls: [url], certificate, caPem: [read('ca-bundle.pem')], asHost: true };
  const rpc = openFileCatalogRpc({ service: createDiracService({ ...client, timeoutSeconds: 60 }), users: { dnOf: userDn } });
  const identity = createIdentity({ username: 'alice', group: 'users', vo: 'vo', properties: [], source: 'local' });
  return async (lfns) => {
    for (const lfn of lfns) {
      const answers = await rpc.checkPermission({ identity, method: 'getFileMetadata', lfns: [lfn] });
      if (answers.get(lfn)?.allowed !== true) throw new Error(`${lfn} was refused`);
    }
  };
}

/**
 * Each in its turn, after one round that is not counted: caches are warm, the code is compiled.
 * @param {Contender[]} contenders @param {{count: number, rounds: number}} how @returns {Promise<Map<string, number[]>>}
 */
async function measure(contenders, { count, rounds: wanted }) {
  const times = new Map(contenders.map(({ name, files }) => [`${name} ${files}`, /** @type {number[]} */ ([])]));
  for (let round = contenders.length > 1 ? -1 : 0; round < wanted; round += 1) {
    for (const { name, files, ask } of contenders) {
      if (count > 1000 || contenders.length === 1) gateways.disconnect();
      const lfns = namesIn(files, count);
      const start = performance.now();
      await ask(lfns);
      if (round >= 0) times.get(`${name} ${files}`)?.push(performance.now() - start);
    }
  }
  return times;
}

/**
 * So many names, far apart in ten directories far apart: the same question whatever the size, since a directory costs as much as a name.
 * @param {number} files @param {number} count
 */
function namesIn(files, count) {
  const perDirectory = Math.ceil(count / directoriesAsked);
  return Array.from({ length: count }, (_, at) => {
    const directory = Math.floor(at / perDirectory) * (files / filesPerDirectory / directoriesAsked);
    return nameOf(directory * filesPerDirectory + (at % perDirectory) * Math.floor(filesPerDirectory / perDirectory), {
      files,
      filesPerDirectory,
    });
  });
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;
}

/** @param {number[]} values */
function spread(values) {
  const digits = (/** @type {number} */ value) => value.toFixed(value < 100 ? (value < 10 ? 2 : 1) : 0);
  if (values.length === 1) return digits(Number(values[0]));
  return `${digits(median(values))} (${digits(Math.min(...values))} to ${digits(Math.max(...values))})`;
}

/** @param {string} name @param {number[][]} columns @param {string} growth */
function row(name, columns, growth) {
  return `${name.padEnd(32)}${columns.map((values) => spread(values).padStart(24)).join('')}   ${growth}`.trimEnd();
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
