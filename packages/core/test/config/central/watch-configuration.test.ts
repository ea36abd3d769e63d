import { describe, expect, test } from '@jest/globals';
import {
  parseCfg,
  resolveConfiguration,
  watchConfiguration,
  type CentralConfiguration,
  type CfgOutcome,
  type ConfigurationWatch,
  type WatchOptions,
} from '../../../src/config/index.js';
import { DiracS3Error } from '../../../src/errors/index.js';
import { cfg, s3, type Sections } from '../cfg-text.js';

const servers = (list = 'dips://a:9135'): Sections => ({ Configuration: { Servers: list } });
const elements = (...names: string[]): Sections => ({ StorageElements: Object.fromEntries(names.map((name) => [name, { S3: s3 }])) });
const parse = (sections: Sections, file = 'local.cfg'): CfgOutcome => parseCfg(cfg(sections), { file });

/** A world in which the test owns files, servers and time. */
class World {
  local: CfgOutcome = parse({ DIRAC: servers() });
  central: { version: string; sections: Sections } | 'down' = { version: '2026-01-01', sections: { Resources: elements('A') } };
  seconds = 0;
  readonly asked: { servers: readonly string[]; known: string | undefined }[] = [];
  readonly waiting: { seconds: number; act: () => void }[] = [];
  opened = 0;
  closed = 0;

  watch(more: Partial<WatchOptions> = {}): Promise<ConfigurationWatch> {
    return watchConfiguration({
      loadLocal: async () => this.local,
      openCentral: async () => {
        this.opened += 1;
        return { fetch: (list, known) => this.#fetch(list, known), close: () => void (this.closed += 1) };
      },
      resolve: (tree) => resolveConfiguration(tree, { role: 'gateway' }),
      isUsable: ({ storageElements }) => storageElements.size > 0,
      clock: { now: () => new Date(this.seconds * 1000) },
      schedule: (act, seconds) => {
        const entry = { act, seconds };
        this.waiting.push(entry);
        return () => void this.waiting.splice(this.waiting.indexOf(entry), this.waiting.includes(entry) ? 1 : 0);
      },
      ...more,
    });
  }

  async #fetch(list: readonly string[], known: CentralConfiguration | undefined): Promise<CentralConfiguration | undefined> {
    this.asked.push({ servers: list, known: known?.version });
    if (this.central === 'down') throw new DiracS3Error('service-unavailable', 'all of them are down');
    const { version, sections } = this.central;
    if (known !== undefined && known.version >= version) return undefined;
    return { version, server: 'dips://a:9135', warnings: [], tree: parse(sections, 'central').tree };
  }
}

const names = (watch: ConfigurationWatch): string[] => [...watch.current().configuration.storageElements.keys()];

describe('the configuration that is followed', () => {
  test('is the central one with the local layers on top', async () => {
    const world = new World();
    world.central = { version: '1', sections: { Resources: elements('A'), DIRAC: { VirtualOrganization: 'central' } } };
    world.local = parse({
      DIRAC: { ...servers(), VirtualOrganization: 'local' },
      Resources: { StorageElements: { A: { S3: { Aws_access_key_id: 'key', Aws_secret_access_key: 'secret' } } } },
    });
    const watch = await world.watch();
    expect(watch.current().configuration.vo).toBe('local');
    expect(watch.current().configuration.storageElements.get('A')).toMatchObject({ access: 'direct', bucket: 'data' });
    expect(watch.state()).toEqual({
      central: 'current',
      version: '1',
      server: 'dips://a:9135',
      fetchedAt: new Date(0),
      lastFailure: undefined,
    });
  });

  test('without servers is the files alone, and nobody is asked', async () => {
    const world = new World();
    world.local = parse({ Resources: elements('L') });
    const watch = await world.watch();
    expect(names(watch)).toEqual(['L']);
    expect(world.opened).toBe(0);
    expect(watch.state()).toMatchObject({ central: 'local', version: undefined, fetchedAt: undefined });
  });

  test('is asked for again after RefreshTime, which may itself be central', async () => {
    const world = new World();
    const watch = await world.watch();
    expect(world.waiting.map(({ seconds }) => seconds)).toEqual([300]);
    world.central = { version: '2026-01-02', sections: { Resources: elements('A', 'B'), DIRAC: { Configuration: { RefreshTime: 60 } } } };
    world.waiting[0]!.act();
    expect(await watch.refresh()).toBe('changed');
    expect(names(watch)).toEqual(['A', 'B']);
    expect(world.waiting.map(({ seconds }) => seconds)).toEqual([60]);
    expect(world.asked.map(({ known }) => known)).toEqual([undefined, '2026-01-01']);
  });

  test('is told to listeners when it changes, and only then', async () => {
    const world = new World();
    const watch = await world.watch();
    const heard: string[][] = [];
    const stop = watch.onChange(({ configuration }) => void heard.push([...configuration.storageElements.keys()]));
    expect(await watch.refresh()).toBe('unchanged');
    world.central = { version: '2026-01-02', sections: { Resources: elements('B') } };
    expect(await watch.refresh()).toBe('changed');
    stop();
    world.central = { version: '2026-01-03', sections: { Resources: elements('C') } };
    expect(await watch.refresh()).toBe('changed');
    expect(heard).toEqual([['B']]);
    expect(names(watch)).toEqual(['C']);
  });

  test('may have any comment, and is the same with another one', async () => {
    const world = new World();
    const text = (comment: string): CfgOutcome => parseCfg(`${comment}\n${cfg({ DIRAC: servers() })}`, { file: 'local.cfg' });
    world.local = text('##### Servers #####');
    const watch = await world.watch();
    expect(await watch.refresh()).toBe('unchanged');
    world.local = text('# other');
    expect(await watch.refresh()).toBe('unchanged');
  });

  test('a newer version with the same content is no change', async () => {
    const world = new World();
    const watch = await world.watch();
    world.central = { version: '2026-01-02', sections: { Resources: elements('A') } };
    expect(await watch.refresh()).toBe('unchanged');
    expect(watch.state().version).toBe('2026-01-02');
  });

  test('goes on when all servers are down, and that is said until one answers', async () => {
    const world = new World();
    const watch = await world.watch();
    world.central = 'down';
    world.seconds = 300;
    expect(await watch.refresh()).toBe('unreachable');
    expect(names(watch)).toEqual(['A']);
    expect(watch.state()).toMatchObject({
      central: 'stale',
      version: '2026-01-01',
      fetchedAt: new Date(0),
      lastFailure: { at: new Date(300_000), reason: 'all of them are down' },
    });
    world.central = { version: '2026-01-01', sections: {} };
    world.seconds = 600;
    expect(await watch.refresh()).toBe('unchanged');
    expect(watch.state()).toMatchObject({ central: 'current', fetchedAt: new Date(600_000), lastFailure: undefined });
    // Credentials may have been the reason: they are read anew.
    expect([world.opened, world.closed]).toEqual([2, 1]);
  });

  test('what is edited in the files counts while all servers are down', async () => {
    const world = new World();
    const watch = await world.watch();
    world.central = 'down';
    world.local = parse({ DIRAC: servers(), Resources: elements('L') });
    expect(await watch.refresh()).toBe('unreachable');
    expect(names(watch).sort()).toEqual(['A', 'L']);
  });

  test('with errors is refused, and the last good one goes on until it is mended', async () => {
    const world = new World();
    const watch = await world.watch();
    const heard: unknown[] = [];
    watch.onChange((changed) => void heard.push(changed));
    const broken = { Systems: { DataManagement: { Services: { S3Gateway: { Port: 'many' } } } } };
    world.central = { version: '2026-01-02', sections: { Resources: elements('B'), ...broken } };
    expect(await watch.refresh()).toBe('refused');
    expect(names(watch)).toEqual(['A']);
    expect(heard).toEqual([]);
    expect(watch.state()).toMatchObject({
      central: 'current',
      version: '2026-01-01',
      lastFailure: { reason: expect.stringContaining('/Systems/DataManagement/Services/S3Gateway/Port: must be a whole number') },
    });
    // A local option mends it; the refused version is asked for again.
    world.local = parse({ DIRAC: servers(), Systems: { DataManagement: { Services: { S3Gateway: { Port: 1 } } } } });
    expect(await watch.refresh()).toBe('changed');
    expect(names(watch)).toEqual(['B']);
    expect(watch.state()).toMatchObject({ version: '2026-01-02', lastFailure: undefined });
  });

  test('a file with errors is refused, and so is a name that is an option here and a section there', async () => {
    const world = new World();
    const watch = await world.watch();
    world.local = parseCfg('DIRAC\n{\n', { file: 'broken.cfg' });
    expect(await watch.refresh()).toBe('refused');
    expect(watch.state().lastFailure?.reason).toMatch(/broken\.cfg/);
    world.local = parse({ DIRAC: servers(), Resources: 'text' });
    expect(await watch.refresh()).toBe('refused');
    expect(names(watch)).toEqual(['A']);
  });

  test('what a listener cannot use is refused, and the others are told the old one again', async () => {
    const world = new World();
    const watch = await world.watch();
    const heard: string[] = [];
    watch.onChange(({ configuration }) => void heard.push([...configuration.storageElements.keys()].join()));
    watch.onChange(() => Promise.reject(new DiracS3Error('invalid-configuration', 'the certificate is gone')));
    world.central = { version: '2026-01-02', sections: { Resources: elements('B') } };
    expect(await watch.refresh()).toBe('refused');
    expect(heard).toEqual(['B', 'A']);
    expect(names(watch)).toEqual(['A']);
    expect(watch.state().lastFailure?.reason).toBe('the certificate is gone');
  });

  test('servers of the central configuration are asked after the local ones', async () => {
    const world = new World();
    world.central = { version: '1', sections: { Resources: elements('A'), DIRAC: servers('dips://b:9135, dips://a:9135') } };
    const watch = await world.watch();
    await watch.refresh();
    expect(world.asked.map((question) => question.servers)).toEqual([['dips://a:9135'], ['dips://a:9135', 'dips://b:9135']]);
    expect(world.opened).toBe(1);
  });

  test('two refreshes at once are one', async () => {
    const world = new World();
    const watch = await world.watch();
    const [one, other] = [watch.refresh(), watch.refresh()];
    expect(await one).toBe(await other);
    expect(world.asked).toHaveLength(2);
    expect(world.waiting).toHaveLength(1);
  });

  test('closed, it asks nobody any more and tells nothing', async () => {
    const world = new World();
    const watch = await world.watch();
    const heard: unknown[] = [];
    watch.onChange((changed) => void heard.push(changed));
    world.central = { version: '2026-01-02', sections: { Resources: elements('B') } };
    const running = watch.refresh();
    watch.close();
    await running;
    expect([world.waiting.length, world.closed, heard]).toEqual([0, 1, []]);
  });
});

describe('without an answer at the start', () => {
  test('the files are enough when they are usable, with a warning', async () => {
    const world = new World();
    world.central = 'down';
    world.local = parse({ DIRAC: servers(), Resources: elements('L') });
    const watch = await world.watch();
    expect(names(watch)).toEqual(['L']);
    expect(watch.current().warnings).toContainEqual({
      path: '/DIRAC/Configuration/Servers',
      message: 'does not answer, the files are all there is: all of them are down',
      source: expect.stringContaining('local.cfg'),
      grave: true,
    });
    expect(watch.state()).toMatchObject({ central: 'missing', lastFailure: { reason: 'all of them are down' } });
    world.central = { version: '1', sections: { Resources: elements('A') } };
    expect(await watch.refresh()).toBe('changed');
    expect(
      watch
        .current()
        .warnings.map(({ message }) => message)
        .join(),
    ).not.toContain('does not answer');
  });

  test('it fails with the reason when the files alone are of no use', async () => {
    const world = new World();
    world.central = 'down';
    await expect(world.watch()).rejects.toMatchObject({ code: 'service-unavailable', message: 'all of them are down' });
    expect([world.waiting, world.closed]).toEqual([[], 1]);
  });

  test('it fails for want of credentials as for want of servers', async () => {
    const world = new World();
    const openCentral = () => Promise.reject(new DiracS3Error('unauthenticated', 'there is no proxy'));
    await expect(world.watch({ openCentral })).rejects.toMatchObject({ code: 'unauthenticated' });
    world.local = parse({ DIRAC: servers(), Resources: elements('L') });
    const watch = await world.watch({ openCentral });
    expect(watch.state().lastFailure?.reason).toBe('there is no proxy');
    expect(watch.current().warnings.map(({ message }) => message)).toContain(
      'was not asked, the files are all there is: there is no proxy',
    );
  });

  test('a configuration with errors is fatal, wherever it comes from', async () => {
    const world = new World();
    world.central = { version: '1', sections: { Systems: { DataManagement: { Services: { S3Gateway: { Port: 'many' } } } } } };
    await expect(world.watch()).rejects.toMatchObject({ code: 'invalid-configuration', message: expect.stringContaining('central:') });
    world.local = parseCfg('{', { file: 'x.cfg' });
    await expect(world.watch()).rejects.toMatchObject({ code: 'invalid-configuration' });
  });

  test('of many faults the first ten are told, and how many there are', async () => {
    const world = new World();
    const watchFaults = (count: number): Promise<unknown> => {
      world.local = parseCfg('word\n'.repeat(count), { file: 'x.cfg' });
      return world.watch();
    };
    await expect(watchFaults(10)).rejects.toThrow(/^x\.cfg:1:.*x\.cfg:10:(?!.* more$)/);
    await expect(watchFaults(33)).rejects.toThrow(/^x\.cfg:1:(?!.*x\.cfg:11:).*x\.cfg:10:.*; and 23 more$/);
  });
});

test('the real timer keeps no process alive and is cancelled', async () => {
  const world = new World();
  world.local = parse({ DIRAC: { Configuration: { Servers: 'dips://a:9135', RefreshTime: 1 } } });
  const watch = await world.watch({ schedule: undefined });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  watch.close();
  expect(world.asked).toHaveLength(2);
});
