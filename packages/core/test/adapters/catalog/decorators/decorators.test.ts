import { describe, expect, it } from '@jest/globals';
import {
  cachePermissions,
  limitLookupTime,
  limitPermissionTime,
  measureLookups,
  measurePermissions,
  sharePermissionQuestions,
  type PermissionCacheOptions,
} from '../../../../src/adapters/catalog/decorators/index.js';
import { parseLfn, type CatalogMethod, type Lfn } from '../../../../src/domain/index.js';
import { DiracS3Error } from '../../../../src/errors/index.js';
import type { PermissionChecker, PermissionQuestion, QuestionSample, Verdict } from '../../../../src/ports/index.js';
import { fixedClock, identityOf, permissionCheckerContract, replicaLookupContract } from '../../../../src/testing/index.js';
import { withCatalog } from '../sqlite/temporary-catalog.js';

const alice = identityOf('alice');
const [a, b, c] = ['/vo/a', '/vo/b', '/vo/c'].map(parseLfn) as [Lfn, Lfn, Lfn];
const yes: Verdict = { allowed: true };
const no: Verdict = { allowed: false, reason: 'no' };

/** Answers what it is told to, when it is told to, and keeps what it was asked. */
function scripted() {
  const asked: PermissionQuestion[] = [];
  const state = { verdict: yes, fault: undefined as Error | undefined, silentAbout: undefined as Lfn | undefined, wait: Promise.resolve() };
  const checker: PermissionChecker = {
    async checkPermission(question) {
      asked.push(question);
      await state.wait;
      if (state.fault !== undefined) throw state.fault;
      return new Map(question.lfns.filter((lfn) => lfn !== state.silentAbout).map((lfn) => [lfn, state.verdict]));
    },
  };
  return { asked, state, checker, names: () => asked.map(({ lfns }) => lfns) };
}
const addFile = (...lfns: Lfn[]): PermissionQuestion => ({ identity: alice, method: 'addFile', lfns });
const samples: QuestionSample[] = [];
const measuring = { metrics: { questionAnswered: (sample: QuestionSample) => void samples.push(sample) }, clock: fixedClock() };
const cacheOptions = (more: Partial<PermissionCacheOptions> = {}): PermissionCacheOptions => ({
  allowedSeconds: 10,
  refusedSeconds: 5,
  cacheSize: 100,
  clock: fixedClock(),
  ...more,
});

describe('a catalog', () => {
  const decorators: [string, (checker: PermissionChecker) => PermissionChecker][] = [
    ['with a cache', (checker) => cachePermissions(checker, cacheOptions())],
    ['whose questions are shared', sharePermissionQuestions],
    ['with a time limit', (checker) => limitPermissionTime(checker, 30)],
    ['that is measured', (checker) => measurePermissions(checker, measuring)],
  ];
  describe.each(decorators)('%s', (_title, decorate) => {
    it.each([...permissionCheckerContract])('$name', ({ check }) =>
      withCatalog((catalog) =>
        check({
          checker: decorate(catalog),
          createDirectory: (directory) => catalog.administration.createDirectories([directory]),
          addFile: async (file, owner) => {
            await catalog.catalogFor(owner).addFiles([file]);
          },
        }),
      ),
    );
  });

  it.each([...replicaLookupContract])('with a time limit, measured: $name', ({ check }) =>
    withCatalog((catalog) =>
      check({
        lookup: measureLookups(limitLookupTime(catalog, 30), measuring),
        createDirectory: (directory) => catalog.administration.createDirectories([directory]),
        addFile: async (file, owner) => {
          await catalog.catalogFor(owner).addFiles([file]);
        },
        hideFile: (lfn) => catalog.administration.setFileStatus(lfn, 'Trash'),
      }),
    ),
  );
});

describe('the cache', () => {
  it('asks only for what it does not know, and answers for all', async () => {
    const { checker, names } = scripted();
    const cached = cachePermissions(checker, cacheOptions());
    await cached.checkPermission(addFile(a, b));
    expect(new Set((await cached.checkPermission(addFile(b, c, a))).keys())).toEqual(new Set([a, b, c]));
    await cached.checkPermission(addFile(a, b, c));
    expect(names()).toEqual([[a, b], [c]]);
  });

  it.each([
    [yes, 10],
    [no, 5],
  ])('forgets %o after its own time, counted from before the question', async (verdict, seconds) => {
    const clock = fixedClock();
    const { checker, state, asked } = scripted();
    state.verdict = verdict;
    const cached = cachePermissions(checker, cacheOptions({ clock }));
    await cached.checkPermission(addFile(a));
    clock.advanceSeconds(seconds - 1);
    await cached.checkPermission(addFile(a));
    expect(asked).toHaveLength(1);
    clock.advanceSeconds(1);
    await cached.checkPermission(addFile(a));
    expect(asked).toHaveLength(2);
  });

  it('remembers for nobody else: other name, group, property, VO, DN, source or method', async () => {
    const { checker, asked } = scripted();
    const cached = cachePermissions(checker, cacheOptions());
    const others = [
      alice,
      identityOf('Alice'),
      identityOf('alice', { group: 'admins' }),
      identityOf('alice', { properties: ['FileCatalogManagement'] }),
      identityOf('alice', { vo: 'other' }),
      identityOf('alice', { dn: '/CN=alice' }),
      identityOf('alice', { source: 'token' }),
      identityOf('alice', { group: 'users","vo' }),
    ];
    for (const identity of others) await cached.checkPermission({ ...addFile(a), identity });
    await cached.checkPermission({ ...addFile(a), method: 'getReplicas' });
    expect(asked).toHaveLength(others.length + 1);
  });

  it.each<CatalogMethod>(['removeFile', 'removeReplica', 'removeDirectory'])('never remembers permission to %s', async (method) => {
    const { checker, asked } = scripted();
    const cached = cachePermissions(checker, cacheOptions());
    for (const times of [1, 2]) {
      await cached.checkPermission({ ...addFile(a), method });
      expect(asked).toHaveLength(times);
    }
  });

  it.each([
    ['permissions', yes, { allowedSeconds: 0 }],
    ['refusals', no, { refusedSeconds: 0 }],
  ])('remembers no %s when their time is 0', async (_what, verdict, options) => {
    const { checker, state, asked } = scripted();
    state.verdict = verdict;
    const cached = cachePermissions(checker, cacheOptions(options));
    await cached.checkPermission(addFile(a));
    await cached.checkPermission(addFile(a));
    expect(asked).toHaveLength(2);
  });

  it('remembers no error and no silence', async () => {
    const { checker, state, names } = scripted();
    const cached = cachePermissions(checker, cacheOptions());
    state.fault = new DiracS3Error('catalog-unavailable', 'down');
    await expect(cached.checkPermission(addFile(a))).rejects.toThrow('down');
    state.fault = undefined;
    state.silentAbout = a;
    expect([...(await cached.checkPermission(addFile(a, b))).keys()]).toEqual([b]);
    state.silentAbout = undefined;
    expect((await cached.checkPermission(addFile(a, b))).get(a)).toEqual(yes);
    expect(names()).toEqual([[a], [a, b], [a]]);
  });

  it('is bounded, and forgets what was not used for longest', async () => {
    const { checker, names } = scripted();
    const cached = cachePermissions(checker, cacheOptions({ cacheSize: 2 }));
    for (const lfn of [a, b, a, c]) await cached.checkPermission(addFile(lfn));
    await cached.checkPermission(addFile(a, b));
    expect(names()).toEqual([[a], [b], [c], [b]]);
  });
});

describe('shared questions', () => {
  it('are asked once while they are open, and again afterwards', async () => {
    const { checker, state, names } = scripted();
    const shared = sharePermissionQuestions(checker);
    let go = (): void => undefined;
    state.wait = new Promise((resolve) => (go = resolve));
    const [first, second, third] = [addFile(a, b), addFile(b, c), addFile(b)].map((question) => shared.checkPermission(question));
    go();
    expect([...(await first!).keys()]).toEqual([a, b]);
    expect([...(await second!).keys()]).toEqual([b, c]);
    expect([...(await third!)]).toEqual([[b, yes]]);
    expect(names()).toEqual([[a, b], [c]]);
    await shared.checkPermission(addFile(b));
    expect(names()).toHaveLength(3);
  });

  it('fail together, and are then asked anew', async () => {
    const { checker, state, asked } = scripted();
    const shared = sharePermissionQuestions(checker);
    state.fault = new DiracS3Error('timeout', 'late');
    const outcomes = await Promise.allSettled([shared.checkPermission(addFile(a)), shared.checkPermission(addFile(a))]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    state.fault = undefined;
    expect((await shared.checkPermission(addFile(a))).get(a)).toEqual(yes);
    expect(asked).toHaveLength(2);
  });

  it('are not shared between users', async () => {
    const { checker, asked } = scripted();
    const shared = sharePermissionQuestions(checker);
    await Promise.all([shared.checkPermission(addFile(a)), shared.checkPermission({ ...addFile(a), identity: identityOf('bob') })]);
    expect(asked).toHaveLength(2);
  });

  it('leave out the name that nobody answered for', async () => {
    const { checker, state } = scripted();
    state.silentAbout = a;
    expect([...(await sharePermissionQuestions(checker).checkPermission(addFile(a, b))).keys()]).toEqual([b]);
  });
});

describe('the time limit', () => {
  it('refuses what is late', async () => {
    const { checker, state } = scripted();
    state.wait = new Promise(() => undefined);
    await expect(limitPermissionTime(checker, 0.02).checkPermission(addFile(a))).rejects.toMatchObject({ code: 'timeout' });
    const lookup = { lookUpReplicas: () => new Promise<never>(() => undefined) };
    await expect(limitLookupTime(lookup, 0.02).lookUpReplicas([a])).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('measuring', () => {
  it('tells question, outcome, time and number of names, and nothing that names anybody', async () => {
    const clock = fixedClock();
    const seen: QuestionSample[] = [];
    const { checker, state } = scripted();
    const measured = measurePermissions(checker, { clock, metrics: { questionAnswered: (sample) => void seen.push(sample) } });
    const open = measured.checkPermission(addFile(a, b));
    clock.advanceSeconds(2);
    await open;
    state.fault = new DiracS3Error('timeout', 'late');
    await expect(measured.checkPermission(addFile(a))).rejects.toThrow('late');
    state.fault = new TypeError('a fault of ours');
    await expect(measured.checkPermission(addFile(a))).rejects.toThrow(TypeError);
    expect(seen).toEqual([
      { question: 'checkPermission', names: 2, outcome: 'ok', seconds: 2 },
      { question: 'checkPermission', names: 1, outcome: 'timeout', seconds: 0 },
      { question: 'checkPermission', names: 1, outcome: 'internal', seconds: 0 },
    ]);
  });
});
