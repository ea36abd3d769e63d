import { afterEach, describe, expect, test } from '@jest/globals';
import { createResourceStatus, type ResourceStatusOptions } from '../../../src/adapters/resource-status/index.js';
import { isOpenFor, type StatusKind } from '../../../src/domain/index.js';
import { createDiracService, decodeJson, sOk, type DiracValue } from '../../../src/dirac-protocol/index.js';
import { DiracS3Error } from '../../../src/errors/index.js';
import type { StorageElementRegistry } from '../../../src/ports/index.js';
import { resolveTargets } from '../../../src/presign/resolve-targets.js';
import { storageElementOf } from '../../../src/testing/index.js';
import { clientCertificateOf } from '../../dirac-protocol/pki.js';
import { makePki, startHttpsStub } from '../../dirac-protocol/stubs.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const accesses = ['ReadAccess', 'WriteAccess', 'CheckAccess', 'RemoveAccess'] as const;
const rows = (name: string, status = 'Active', vo = 'all'): DiracValue[] =>
  accesses.map((access) => [name, 'StorageElement', access, status, vo]);

const elements = [storageElementOf('A'), storageElementOf('B')];
const registry: StorageElementRegistry = { find: (name) => elements.find((element) => element.name === name), all: () => elements };

/** A service and a time that the test owns. */
class World {
  answer: DiracValue = [...rows('A'), ...rows('B')];
  seconds = 0;
  readonly asked: DiracValue[] = [];
  waiting: { readonly act: () => void; readonly seconds: number }[] = [];

  status(more: Partial<ResourceStatusOptions> = {}) {
    return createResourceStatus({
      service: {
        call: async (method, args) => {
          this.asked.push([method, args]);
          if (this.answer === 'down') throw new DiracS3Error('service-unavailable', 'it is down');
          return this.answer;
        },
      },
      clock: { now: () => new Date(this.seconds * 1000) },
      schedule: (act, seconds) => {
        this.waiting = [{ act, seconds }];
        return () => void (this.waiting = []);
      },
      ...more,
    });
  }
}

const openKinds = (view: StorageElementRegistry, name: string, vo?: string): StatusKind[] =>
  (['Read', 'Write', 'Remove', 'Check'] as const).filter((kind) => isOpenFor(view.find(name)!, kind, vo));

describe('states by the ResourceStatus service', () => {
  test('come instead of those of the configuration', async () => {
    const world = new World();
    world.answer = [...rows('A', 'Banned'), ['B', 'StorageElement', 'ReadAccess', 'Degraded', 'all']];
    const status = world.status();
    const view = status.over(registry);
    expect(await status.refresh()).toBe(true);
    expect(openKinds(view, 'A')).toEqual([]);
    expect(view.find('A')).toMatchObject({ name: 'A', bucket: elements[0]!.bucket, status: { Read: 'Banned', Write: 'Banned' } });
    expect(view.find('B')!.status).toEqual({ Read: 'Degraded', Write: 'Unknown', Remove: 'Unknown', Check: 'Unknown' });
    expect(openKinds(view, 'B')).toEqual(['Read', 'Check']);
    expect(view.all().map(({ name }) => name)).toEqual(['A', 'B']);
    expect(view.find('none')).toBeUndefined();
    expect(elements[0]!.status.Read).toBe('Active');
  });

  test('are asked for in one call, of the table and columns DIRAC asks for', async () => {
    const world = new World();
    await world.status().refresh();
    expect(world.asked).toEqual([
      ['select', ['ResourceStatus', { Meta: { columns: ['Name', 'ElementType', 'StatusType', 'Status', 'VO'] } }]],
    ]);
  });

  test('for one VO override those for all, kind by kind and in both directions', async () => {
    const world = new World();
    world.answer = [
      ['A', 'StorageElement', 'WriteAccess', 'Banned', 'lhcb'],
      ...rows('A'),
      ...rows('B', 'Banned'),
      ['B', 'StorageElement', 'ReadAccess', 'Active', 'lhcb'],
    ];
    const status = world.status();
    await status.refresh();
    const view = status.over(registry);
    expect(openKinds(view, 'A', 'lhcb')).toEqual(['Read', 'Remove', 'Check']);
    expect(openKinds(view, 'A', 'biomed')).toHaveLength(4);
    expect(openKinds(view, 'B', 'lhcb')).toEqual(['Read', 'Check']);
    expect(openKinds(view, 'B', 'biomed')).toEqual([]);
    expect(openKinds(view, 'B')).toEqual([]);
  });

  test('a StorageElement that has rows for another VO only is closed', async () => {
    const world = new World();
    world.answer = rows('A', 'Active', 'lhcb');
    const status = world.status();
    await status.refresh();
    expect(openKinds(status.over(registry), 'A', 'biomed')).toEqual([]);
    expect(openKinds(status.over(registry), 'A', 'lhcb')).toHaveLength(4);
  });

  test('rows about something else do not count', async () => {
    const world = new World();
    world.answer = [
      ['A', 'ComputingElement', 'ReadAccess', 'Active', 'all'],
      ['A', 'StorageElement', 'all', 'Active', 'all'],
      ...rows('B'),
    ];
    const status = world.status();
    await status.refresh();
    expect(openKinds(status.over(registry), 'A')).toEqual([]);
  });

  test('before the first answer everything is closed, and the refusal says why', async () => {
    const world = new World();
    const status = world.status();
    const view = status.over(registry);
    const refuse = () =>
      resolveTargets(
        { storageElement: 'A', method: 'get_object', items: [{ lfn: '/vo/a' }] },
        { registry: view, vo: 'vo', holder: 'client' },
      );
    expect(refuse).toThrow('"A" is closed: its ReadAccess forbids get_object (the ResourceStatus service does not answer)');
    expect(status.state()).toEqual({ status: 'unknown', fetchedAt: undefined, lastFailure: undefined });
    world.answer = rows('B');
    await status.refresh();
    expect(refuse).toThrow('(the ResourceStatus service does not know A)');
    world.answer = rows('A');
    await status.refresh();
    expect(refuse().passed.size).toBe(1);
    world.answer = [...rows('A'), ['A', 'StorageElement', 'ReadAccess', 'Banned', 'vo']];
    await status.refresh();
    expect(refuse).toThrow('"A" is closed: its ReadAccess forbids get_object');
  });

  test('an answer goes on while the service is down, until it is too old', async () => {
    const world = new World();
    const status = world.status({ cacheSeconds: 100 });
    const view = status.over(registry);
    await status.refresh();
    expect(world.waiting.map(({ seconds }) => seconds)).toEqual([100]);
    world.answer = 'down';
    world.seconds = 100;
    expect(await status.refresh()).toBe(false);
    expect(world.waiting.map(({ seconds }) => seconds)).toEqual([30]);
    world.seconds = 300;
    expect(openKinds(view, 'A')).toHaveLength(4);
    expect(status.state()).toEqual({
      status: 'current',
      fetchedAt: new Date(0),
      lastFailure: { at: new Date(100_000), reason: 'it is down' },
    });
    world.seconds = 301;
    expect(openKinds(view, 'A')).toEqual([]);
    expect(status.state().status).toBe('unknown');
    world.answer = rows('A');
    world.waiting[0]!.act();
    await status.refresh();
    expect(openKinds(view, 'A')).toHaveLength(4);
    expect(status.state().lastFailure).toBeUndefined();
  });

  test.each<readonly [string, DiracValue]>([
    ['nothing', null],
    ['a dictionary', decodeJson('{"A": {"ReadAccess": "Active"}}')],
    ['a short row', [...rows('A'), ['B', 'StorageElement', 'ReadAccess', 'Banned']]],
    ['a row without a name', [[null, 'StorageElement', 'ReadAccess', 'Active', 'all', 'all']]],
    ['a row that is none', [...rows('A'), 'B']],
  ])('an answer that is %s changes nothing', async (_, answer) => {
    const world = new World();
    const status = world.status();
    await status.refresh();
    world.answer = answer;
    expect(await status.refresh()).toBe(false);
    expect(status.state().lastFailure?.reason).toMatch(/does not consist of rows/);
    expect(openKinds(status.over(registry), 'B')).toHaveLength(4);
  });

  test('two questions at once are one, and closed it asks no more', async () => {
    const world = new World();
    const status = world.status();
    await Promise.all([status.refresh(), status.refresh()]);
    expect(world.asked).toHaveLength(1);
    status.close();
    expect(world.waiting).toEqual([]);
    await status.refresh();
    expect(world.waiting).toEqual([]);
  });

  test('the real timer asks again by itself', async () => {
    const world = new World();
    const status = world.status({ cacheSeconds: 0.05, schedule: undefined });
    await status.refresh();
    await new Promise((resolve) => setTimeout(resolve, 300));
    status.close();
    expect(world.asked.length).toBeGreaterThan(1);
  });

  test('the recorded answer is read over the wire', async () => {
    const pki = makePki();
    const recorded = `[${['S3-INDIRECT', 'S3-DIRECT']
      .flatMap((name) => accesses.map((access) => `["${name}","StorageElement","${access}","Active","all"]`))
      .join(',')}]`;
    const stub = await startHttpsStub({ pki, answer: () => sOk(decodeJson(recorded)) });
    closing.push(() => stub.close());
    const service = createDiracService({
      service: 'ResourceStatus/ResourceStatus',
      urls: [`https://localhost:${stub.port}`],
      certificate: clientCertificateOf(pki.host),
      caPem: pki.caPem,
      asHost: true,
    });
    closing.push(() => service.close());
    const status = createResourceStatus({ service, clock: { now: () => new Date() } });
    closing.push(() => status.close());
    expect(await status.refresh()).toBe(true);
    const direct = storageElementOf('S3-DIRECT');
    expect(openKinds(status.over({ find: () => direct, all: () => [direct] }), 'S3-DIRECT')).toHaveLength(4);
    expect(stub.asked).toMatchObject([{ service: 'ResourceStatus/ResourceStatus', method: 'select', extraCredentials: 'hosts' }]);
  });
});
