import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiracS3Error, parseLfn, type Lfn } from '@dirac-s3/core';
import { openSqliteFileCatalog, seedSqliteFileCatalog, type SqliteFileCatalog } from '@dirac-s3/core/adapters/catalog/sqlite';
import type { CatalogRules } from '@dirac-s3/core/config';
import type { PermissionChecker } from '@dirac-s3/core/ports';
import { fixedClock, newFile } from '@dirac-s3/core/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareCatalogs, identitiesToCompare, type CatalogPair, type Comparison } from '../../src/ops/compare-catalogs.js';
import { createLog } from '../../src/ops/log.js';
import { reportComparison } from '../../src/ops/start-report.js';
import { registry } from '../support/settings.js';

/** Two readers of one catalog stand for the database and the service: they differ in their rules only. */
let folder: string;
const opened: SqliteFileCatalog[] = [];
const names = ['/vo/user', '/vo/user/alice', '/vo/user/alice/file'].map(parseLfn);
const identities = identitiesToCompare(registry);

function open(rules: Partial<CatalogRules> = {}): SqliteFileCatalog {
  const catalog = openSqliteFileCatalog({
    path: join(folder, 'catalog.db'),
    rules: {
      securityManager: 'VOMSSecurityManager',
      globalReadAccess: false,
      defaultMode: 0o755,
      visibleStates: ['AprioriGood'],
      ...rules,
    },
    vomsRoleOf: () => undefined,
    openRoot: 'never',
    clock: fixedClock(),
  });
  opened.push(catalog);
  return catalog;
}
const compare = (more: Partial<CatalogPair> = {}): Promise<Comparison> =>
  compareCatalogs({ ours: open(), service: open(), names, identities, ...more });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compare-'));
  await seedSqliteFileCatalog(join(folder, 'catalog.db'), [
    { path: '/vo/user', owner: 'erin', group: 'vo_admin', mode: 0o755 },
    { path: '/vo/user/alice', owner: 'alice', group: 'vo_user', mode: 0o700 },
  ]);
  const { failed } = await open()
    .catalogFor(identities[0]!)
    .addFiles([newFile(names[2]!)]);
  expect([...failed]).toEqual([]);
});
afterAll(async () => {
  for (const catalog of opened) catalog.close();
  await rm(folder, { recursive: true });
});

describe('a database and a service', () => {
  it('agree where they judge by the same rules', async () => {
    // Three names, and one beside each that is not there; where they are registered, and four methods for each of three callers.
    expect(await compare()).toEqual({ compared: 6 + 6 * 4 * 3, differences: [] });
  });

  it('differ in what anybody may read where one of them has global reading', async () => {
    const { differences } = await compare({ ours: open({ globalReadAccess: true }) });
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.every((line) => /^getFileMetadata of .*: allowed, and by the service refused$/.test(line))).toBe(true);
  });

  it('differ in what is seen where their states are others', async () => {
    const { differences } = await compare({ ours: open({ visibleStates: ['Probing'] }) });
    expect(differences).toContain('/vo/user/alice/file: hidden at FIRST-SE, and by the service file at FIRST-SE');
  });

  it('differ in the manager', async () => {
    expect((await compare({ service: open({ securityManager: 'NoSecurityManager' }) })).differences.length).toBeGreaterThan(10);
  });

  it('do not differ by what changed between two questions', async () => {
    let questions = 0;
    const service = open();
    const late: PermissionChecker = {
      checkPermission: async (question) => {
        questions += 1;
        const answers = await service.checkPermission(question);
        return questions === 1
          ? new Map([...answers].map(([lfn, { allowed }]) => [lfn, allowed ? { allowed: false, reason: 'late' } : { allowed: true }]))
          : answers;
      },
    };
    const { differences } = await compare({ service: { ...late, lookUpReplicas: (lfns) => service.lookUpReplicas(lfns) } });
    expect(differences).toEqual([]);
    expect(questions).toBe(2 * 4 * 3);
  });

  it('agree where the service has no answer and we refuse, and differ where we would allow', async () => {
    const [ours, service] = [open(), open()];
    const mute = {
      checkPermission: () => Promise.resolve(new Map()),
      lookUpReplicas: (lfns: readonly Lfn[]) => service.lookUpReplicas(lfns),
    };
    const { differences } = await compare({ ours, service: mute });
    expect(differences.length).toBeGreaterThan(0);
    expect(differences.every((line) => line.endsWith(': allowed, and by the service refused'))).toBe(true);
  });

  it('differ where the service refuses a user as such, and cannot be compared where it answers nobody', async () => {
    const service = open();
    const down = () => Promise.reject(new DiracS3Error('catalog-unavailable', 'Unauthorized query'));
    const refusing = { checkPermission: down, lookUpReplicas: (lfns: readonly Lfn[]) => service.lookUpReplicas(lfns) };
    expect((await compare({ service: refusing })).differences).toContain(
      'addFile of /vo/user/alice/file by alice/vo_user: allowed, and by the service refused',
    );
    let lookups = 0;
    const failing = { ...refusing, lookUpReplicas: (lfns: readonly Lfn[]) => (++lookups > 1 ? down() : service.lookUpReplicas(lfns)) };
    await expect(compare({ service: failing })).rejects.toMatchObject({ code: 'catalog-unavailable' });
  });

  it('are not asked about names that the service would take for others, nor about nothing', async () => {
    const asked: string[] = [];
    const service = open();
    const watched = {
      checkPermission: service.checkPermission.bind(service),
      lookUpReplicas: (lfns: readonly Lfn[]) => (asked.push(...lfns), service.lookUpReplicas(lfns)),
    };
    expect((await compare({ service: watched, names: ["/vo/o'neill", '/vo/x '].map((name) => name as Lfn) })).compared).toBe(0);
    expect(asked).toEqual([]);
  });
});

it('members of groups of users are asked for, not suspended ones, not those without a DN, not administrators and not hosts', () => {
  expect(identities.map(({ username, group, dn }) => [username, group, dn])).toEqual([
    ['alice', 'vo_user', '/DC=org/CN=alice'],
    ['bob', 'vo_user', '/DC=org/CN=bob'],
    ['alice', 'other_user', '/DC=org/CN=alice'],
  ]);
});

describe('the report at the start', () => {
  const report = async (compare: () => Promise<Comparison>) => {
    const lines: string[] = [];
    const { logger } = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
    return { agree: await reportComparison(logger, compare), lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  };

  it('says how much was compared when nothing differs', async () => {
    const { agree, lines } = await report(() => Promise.resolve({ compared: 78, differences: [] }));
    expect([agree, lines]).toEqual([true, [expect.objectContaining({ level: 'info', compared: 78, different: 0 })]]);
  });

  it('tells twenty differences and how many there are', async () => {
    const differences = Array.from({ length: 50 }, (_, at) => `difference ${at}`);
    const { agree, lines } = await report(() => Promise.resolve({ compared: 78, differences }));
    expect(agree).toBe(false);
    expect(lines).toHaveLength(21);
    expect(lines.every(({ level }) => level === 'error')).toBe(true);
    expect(lines.at(-1)).toMatchObject({ compared: 78, different: 50 });
  });

  it('warns when one of them cannot be asked, which is no difference', async () => {
    const { agree, lines } = await report(() => Promise.reject(new DiracS3Error('catalog-unavailable', 'down')));
    expect([agree, lines]).toEqual([true, [expect.objectContaining({ level: 'warn', reason: 'down' })]]);
    await expect(report(() => Promise.reject(new TypeError('a fault of ours')))).rejects.toThrow('a fault of ours');
  });
});
