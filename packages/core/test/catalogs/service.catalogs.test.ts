import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FileCatalogRpc } from '../../src/adapters/catalog/file-catalog-rpc/index.js';
import { parseLfn } from '../../src/domain/index.js';
import { fileCatalogContract, identityOf, permissionCheckerContract, replicaLookupContract } from '../../src/testing/index.js';
import { CatalogDatabase } from './database.js';
import { connectService, startService, userDn, type FileCatalogService } from './service.js';

const users = ['alice', 'bob', 'carol', 'mallory'];
const groups = {
  users: { users: ['alice', 'carol'] },
  guests: { users: ['bob'] },
  admins: { users: ['carol'], properties: ['FileCatalogManagement'] },
  nowhere: { users: ['mallory'] },
};
const home = '/vo/alice';
const file = parseLfn(`${home}/file`);

/** Where DIRAC's service answers otherwise than the ports promise, and whoever asks it has to live with that. */
const deviations: readonly string[] = [
  // It takes the properties of the group from its own Registry, not from the question.
  'lets a catalog administrator do everything, by the property alone',
  // It has no rule against a name that is both, nor against files below files.
  'never lets a name be both file and directory, within one call too',
  // Names with quotes are refused before they are asked for, and its closure layout compares without regard to case.
  'keeps names apart byte by byte',
];

describe.each(['level', 'closure'] as const)('the File Catalog service on the %s layout', (layout) => {
  let database: CatalogDatabase;
  let service: FileCatalogService;
  let catalog: FileCatalogRpc;
  beforeAll(async () => {
    database = await CatalogDatabase.create(`service_${layout}`, layout);
    const hostProperties = ['FileCatalogManagement'];
    service = await startService(database, { securityManager: 'VOMSSecurityManager', users, groups, hostProperties });
    catalog = connectService([service.url], { dnOf: userDn });
  }, 60_000);
  afterAll(async () => {
    catalog.close();
    await service.close();
    await database.close();
  });

  const checks = [...permissionCheckerContract, ...replicaLookupContract, ...fileCatalogContract];
  it('deviates in checks that there are', () => {
    expect(deviations.filter((name) => !checks.some((check) => check.name === name))).toEqual([]);
  });
  it.each(checks.filter(({ name }) => !deviations.includes(name)))('$name', async ({ check }) => {
    await database.clear();
    await check({
      catalogs: catalog,
      checker: catalog,
      lookup: catalog,
      createDirectory: ({ path, ...entry }) => database.directories(path, entry),
      addFile: async (item, owner) => {
        const { failed } = await catalog.catalogFor(owner).addFiles([item]);
        expect([...failed]).toEqual([]);
      },
      hideFile: (lfn) => database.setStatus(lfn, 'Trash'),
    });
  });
});

describe('a File Catalog service that fails', () => {
  const alice = identityOf('alice');
  const bob = identityOf('bob', { group: 'guests' });
  let database: CatalogDatabase;
  beforeAll(async () => {
    database = await CatalogDatabase.create('service_faults', 'level');
    await database.directories(home, { owner: 'alice', group: 'users', mode: 0o755 });
  });
  afterAll(() => database.close());

  it('is missed under load with clear errors and no wrong grant, and found again by itself', async () => {
    const service = await startService(database, { securityManager: 'VOMSSecurityManager', users, groups });
    const catalog = connectService([service.url], { dnOf: userDn, timeoutSeconds: 5 });
    const wrong: unknown[] = [];
    const refusals = new Set<string>();
    let [granted, stop] = [0, false];
    const load = Promise.all(
      [alice, bob, alice, bob].map(async (identity) => {
        while (!stop) {
          try {
            const answer = (await catalog.checkPermission({ identity, method: 'addFile', lfns: [file] })).get(file);
            if (answer?.allowed !== (identity === alice)) wrong.push(answer);
            granted += 1;
          } catch (thrown) {
            refusals.add((thrown as { code: string }).code);
            await pause(10);
          }
        }
      }),
    );
    await pause(1000);
    await service.kill();
    await pause(500);
    const before = granted;
    await service.restart();
    await pause(4000);
    stop = true;
    await load;
    catalog.close();
    await service.close();
    expect(wrong).toEqual([]);
    expect([...refusals].filter((code) => code !== 'timeout')).toEqual(['catalog-unavailable']);
    expect(granted).toBeGreaterThan(before);
  }, 60_000);

  it('is not asked twice when another one answers, and refuses a host it does not trust', async () => {
    const [good, other] = [
      await startService(database, { securityManager: 'VOMSSecurityManager', users, groups }),
      await startService(database, {
        securityManager: 'NoSecurityManager',
        users,
        groups: { users: { users: ['alice'] } },
        trusted: false,
      }),
    ];
    const ask = (catalog: FileCatalogRpc) => catalog.checkPermission({ identity: alice, method: 'addFile', lfns: [file] });
    const failing = connectService(['dips://localhost:1/DataManagement/FileCatalog', good.url], { dnOf: userDn });
    expect((await ask(failing)).get(file)).toEqual({ allowed: true });
    const untrusted = connectService([other.url], { dnOf: userDn });
    await expect(ask(untrusted)).rejects.toMatchObject({ code: 'catalog-unavailable', message: expect.stringMatching(/nauthori[sz]ed/) });
    const strange = connectService([good.url], { dnOf: () => '/CN=nobody we know' });
    await expect(ask(strange)).rejects.toMatchObject({ code: 'catalog-unavailable' });
    for (const catalog of [failing, untrusted, strange]) catalog.close();
    await good.close();
    await other.close();
  }, 60_000);
});
