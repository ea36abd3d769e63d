// @ts-check
/**
 * How long one question about permission takes with each catalog: 1, 100, 1 000 and 10 000 LFNs at once, and one question per LFN as DIRAC's
 * S3Gateway asks; then how the database answers when it holds a hundred times as many files.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceEnvironment } from '../catalogs/environment.mjs';
import { createCatalogDatabase, destroyMariaDb, requireMariaDb, startMariaDb } from '../catalogs/mariadb.mjs';
import { startFileCatalogService, userDn } from '../catalogs/service.mjs';
import { freePort } from '../ceph.mjs';
import { root } from '../setup.mjs';

requireMariaDb();
const python = await serviceEnvironment();
const directory = mkdtempSync(join(tmpdir(), 'dirac-s3-bench-catalogs-'));
const place = join(directory, 'mariadb');
process.on('exit', () => {
  destroyMariaDb(place);
  rmSync(directory, { recursive: true, force: true });
});
const server = startMariaDb(place, await freePort());
const pki = join(directory, 'pki');
spawnSync('bash', [join(root, 'scripts', 'make-grid-pki'), pki, 'alice']);

const built = (/** @type {string} */ path) => import(join(root, 'packages', 'core', 'dist', path));
const { createIdentity, parseLfn, Secret } = await built('index.js');
const { openFileCatalogDb } = await built('adapters/catalog/file-catalog-db/index.js');
const { openFileCatalogRpc } = await built('adapters/catalog/file-catalog-rpc/index.js');
const { createDiracService } = await built('dirac-protocol/index.js');

const identity = createIdentity({ username: 'alice', group: 'users', vo: 'vo', properties: [], source: 'local' });
const securityManager = 'VOMSSecurityManager';
const filesPerDirectory = 1000;
/** @param {number} at */
const nameOf = (at) => parseLfn(`/vo/d${Math.floor(at / filesPerDirectory)}/f${at}`);

for (const layout of /** @type {const} */ (['level', 'closure'])) {
  const times = [];
  for (const files of [10_000, 1_000_000]) {
    const database = `bench_${layout}`;
    createCatalogDatabase(server, { name: database, layout, python });
    const start = performance.now();
    fill(database, layout, files);
    say(`\n${layout} layout, ${files} files (filled in ${((performance.now() - start) / 1000).toFixed(0)} s)`);
    const direct = openFileCatalogDb({
      database: {
        ...server,
        socketPath: undefined,
        caFile: undefined,
        database,
        password: new Secret(server.password),
        timeoutSeconds: 60,
        connections: 4,
        allowReplica: false,
      },
      rules: { securityManager, globalReadAccess: false, defaultMode: 509, visibleStates: ['AprioriGood'] },
      vomsRoleOf: () => undefined,
      openRoot: 'never',
    });
    times.push(await measure('database', direct, files, [1, 100, 1000, 10_000]));
    await direct.close();
    if (files > 10_000) continue;
    const service = await startFileCatalogService({
      python,
      pki,
      directory,
      server,
      database,
      layout,
      securityManager,
      users: ['alice'],
      groups: { users: { users: ['alice'] } },
    });
    const rpc = openFileCatalogRpc({
      service: createDiracService({
        service: 'DataManagement/FileCatalog',
        urls: [service.url],
        certificate: {
          certChainPem: readFileSync(join(pki, 'host.crt'), 'utf8'),
          keyPem: new Secret(readFileSync(join(pki, 'host.key'), 'utf8')),
        },
        caPem: [readFileSync(join(pki, 'ca-bundle.pem'), 'utf8')],
        asHost: true,
        timeoutSeconds: 300,
      }),
      users: { dnOf: userDn },
    });
    await measure('service', rpc, files, [1, 100, 1000]);
    const each = await once(async () => {
      for (const lfn of pick(files, 100)) await rpc.checkPermission({ identity, method: 'getReplicas', lfns: [lfn] });
    });
    say(`  service, one question for each of 100 LFNs: ${each.toFixed(0)} ms`);
    rpc.close();
    await service.close();
  }
  const [small = [], large = []] = times;
  const growth = small.map((time, at) => ((large[at] ?? NaN) / time).toFixed(2));
  say(`growth from 10^4 to 10^6 files: ${growth.join(', ')}`);
}

/** Median of seven, after one that is not counted. @param {string} name @param {any} checker @param {number} files @param {number[]} counts */
async function measure(name, checker, files, counts) {
  const medians = [];
  for (const count of counts) {
    const lfns = pick(files, count);
    const ask = async () => {
      const answers = await checker.checkPermission({ identity, method: 'getReplicas', lfns });
      if (![...answers.values()].every(({ allowed }) => allowed)) throw new Error('something was refused');
    };
    await ask();
    const times = [];
    for (let round = 0; round < (name === 'service' ? 3 : 7); round += 1) times.push(await once(ask));
    times.sort((one, other) => one - other);
    medians.push(/** @type {number} */ (times[times.length >> 1]));
    say(`  ${name}, ${count} LFNs: ${medians.at(-1)?.toFixed(1)} ms`);
  }
  return medians;
}

/** Evenly over the whole catalog. @param {number} files @param {number} count */
function pick(files, count) {
  return Array.from({ length: count }, (_, at) => nameOf(Math.floor((at * files) / count)));
}

/** @param {() => Promise<void>} work */
async function once(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** By the database itself: every directory and file belongs to alice. @param {string} name @param {'level' | 'closure'} layout @param {number} files */
function fill(name, layout, files) {
  const directories = files / filesPerDirectory;
  const sequence = (/** @type {number} */ count) => `seq_0_to_${count - 1}`;
  const level = layout === 'level';
  const users =
    "INSERT INTO FC_Users VALUES (7, 'alice'); INSERT INTO FC_Groups VALUES (7, 'users'); INSERT INTO FC_Statuses VALUES (7, 'AprioriGood');";
  const tree = level
    ? `INSERT INTO FC_DirectoryLevelTree (DirID, DirName, Parent, Level) VALUES (1, '/', 0, 0), (2, '/vo', 1, 1);
       INSERT INTO FC_DirectoryLevelTree (DirID, DirName, Parent, Level) SELECT seq + 10, CONCAT('/vo/d', seq), 2, 2 FROM ${sequence(directories)};
       INSERT INTO FC_DirectoryInfo (DirID, UID, GID, Mode) SELECT DirID, 7, 7, 493 FROM FC_DirectoryLevelTree;`
    : `INSERT INTO FC_DirectoryList (DirID, Name, UID, GID, Mode, Status) VALUES (1, '/', 7, 7, 493, 7), (2, '/vo', 7, 7, 493, 7);
       INSERT INTO FC_DirectoryList (DirID, Name, UID, GID, Mode, Status) SELECT seq + 10, CONCAT('/vo/d', seq), 7, 7, 493, 7 FROM ${sequence(directories)};`;
  const row = `seq DIV ${filesPerDirectory} + 10, CONCAT('f', seq), 1, 7, 7, 7`;
  const entries = level
    ? `INSERT INTO FC_Files (FileID, DirID, FileName, Size, UID, GID, Status) SELECT seq + 1, ${row} FROM ${sequence(files)};
       INSERT INTO FC_FileInfo (FileID, GUID, Mode) SELECT seq + 1, UUID(), 420 FROM ${sequence(files)};`
    : `INSERT INTO FC_Files (FileID, DirID, FileName, Size, UID, GID, Status, GUID, Mode) SELECT seq + 1, ${row}, UUID(), 420 FROM ${sequence(files)};`;
  const { status, stderr } = spawnSync('bash', [join(root, 'scripts', 'mariadb-dev'), 'sql', '--dir', place], {
    input: `USE ${name}; SET FOREIGN_KEY_CHECKS = 0; ${users} ${tree} ${entries} ANALYZE TABLE FC_Files;`,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
