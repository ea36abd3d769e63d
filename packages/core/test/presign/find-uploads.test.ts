import { describe, expect, test } from '@jest/globals';
import { singleResult, type Lfn } from '../../src/domain/index.js';
import { identityOf } from '../../src/testing/index.js';
import { asked, clear, codeOf, createSessionWorld, renew, signPart, type SessionWorld } from './session-world.js';
import { alice, allowed, command, denied, storageElement, type Answer } from './world.js';

const bob = identityOf('bob');

describe('finding unfinished uploads', () => {
  const at = (minutes: number): Date => new Date(Date.parse('2026-11-24T10:00:00Z') + minutes * 60_000);
  const unfinished = [
    { key: 'vo/a/young', uploadId: '2~y', begunAt: at(50) },
    { key: 'vo/a/old', uploadId: '2~o', begunAt: at(0) },
    { key: 'vo/a/his', uploadId: '2~h', begunAt: at(1) },
    { key: 'vo/a//foreign', uploadId: '2~f', begunAt: at(2) },
    { key: 'vo/b', uploadId: '2~b', begunAt: at(3) },
  ];
  const verdict = (_: string, lfn: Lfn): Answer => (lfn.endsWith('his') ? denied : allowed);
  const find = (world: SessionWorld, lfns: readonly string[], identity = alice) => world.sessions.find({ ...asked, identity, lfns });

  test('tells the oldest first what the caller might remove, and nothing of the rest', async () => {
    const world = createSessionWorld({ unfinished, verdict });
    const { successful, failed } = await find(world, ['/vo/a', '/vo/b', '/vo/c', 'nonsense']);
    const told = [...successful].map(([lfn, uploads]) => [
      lfn,
      uploads.map(({ lfn: name, uploadId, begunAt }) => [name, uploadId, begunAt]),
    ]);
    expect(told).toEqual([
      [
        '/vo/a',
        [
          ['/vo/a/old', '2~o', at(0)],
          ['/vo/a/young', '2~y', at(50)],
        ],
      ],
      ['/vo/b', [['/vo/b', '2~b', at(3)]]],
      ['/vo/c', []],
    ]);
    expect([...failed].map(([lfn, { code }]) => [lfn, code])).toEqual([['nonsense', 'invalid-lfn']]);
    // As for a removal, of all names at once.
    expect(world.calls).toEqual([
      { method: 'removeFile', names: ['/vo/a/old', '/vo/a/his', '/vo/a/young', '/vo/b'] },
      { method: 'addFile', names: ['/vo/a/old', '/vo/a/his', '/vo/a/young', '/vo/b'] },
    ]);
  });

  test('gives tokens that clear away what was found, and do nothing else', async () => {
    const world = createSessionWorld({ unfinished, verdict });
    const [old] = singleResult(await find(world, ['/vo/a']));
    expect(codeOf(await clear(world, old!))).toBeUndefined();
    expect(world.signed).toMatchObject([{ method: 'abort_multipart_upload', key: 'vo/a/old', notAfter: old!.expiresAt }]);
    expect(codeOf(await signPart(world, old!))).toBe('permission-denied');
    expect(codeOf(await renew(world, old!))).toBe('permission-denied');
    const item = { lfn: old!.lfn, uploadId: old!.uploadId, uploadToken: old!.token! };
    expect(codeOf(await world.presignUrls(command('complete_multipart_upload', [item])))).toBe('permission-denied');
    expect(codeOf(await clear(world, old!, bob))).toBe('permission-denied');
    world.clock.advanceSeconds(600);
    expect(codeOf(await clear(world, old!))).toBe('upload-ended');
    expect(world.signed).toHaveLength(1);
  });

  test('writes down what was given, one line for each name', async () => {
    const world = createSessionWorld({ unfinished: [...unfinished, { ...unfinished[0]!, uploadId: '2~z' }], verdict });
    await find(world, ['/vo/a', 'nonsense']);
    expect(world.trail.records.map(({ lfn, method, outcome }) => [lfn, method, outcome.granted])).toEqual([
      ['/vo/a/old', 'abort_multipart_upload', true],
      ['/vo/a/young', 'abort_multipart_upload', true],
      ['nonsense', 'abort_multipart_upload', false],
    ]);
  });

  test('refuses when the catalog is silent or broken, and writes that down too', async () => {
    const silent = createSessionWorld({ unfinished, verdict: () => undefined });
    expect(singleResult(await find(silent, ['/vo/a']))).toEqual([]);
    const broken = createSessionWorld({ unfinished, verdict: () => new Error('boom') });
    await expect(find(broken, ['/vo/a'])).rejects.toMatchObject({ code: 'catalog-unavailable' });
    expect(broken.trail.records).toMatchObject([{ lfn: '/vo/a', outcome: { granted: false, code: 'catalog-unavailable' } }]);
  });

  test('does not ask the store about a StorageElement that is closed or unknown, nor about too many names', async () => {
    const closed = storageElement('SE', { status: { Read: 'Active', Write: 'Active', Remove: 'Banned', Check: 'Active' } });
    const world = createSessionWorld({ unfinished, elements: [closed] });
    await expect(find(world, ['/vo/a'])).rejects.toMatchObject({ code: 'access-not-allowed' });
    await expect(world.sessions.find({ ...asked, storageElement: 'NO', lfns: ['/vo/a'] })).rejects.toMatchObject({
      code: 'unknown-storage-element',
    });
    await expect(world.sessions.find({ ...asked, lfns: ['/vo/a', '/vo/b'], maxItems: 1 })).rejects.toMatchObject({
      code: 'too-many-items',
    });
    expect(world.looked).toEqual([]);
  });

  test('leaves a narrowed credential what it may remove', async () => {
    const narrow = identityOf('alice', { restrictions: [{ access: ['remove', 'write'], path: '/vo/b' as Lfn }] });
    const world = createSessionWorld({ unfinished });
    const { successful } = await find(world, ['/vo/a', '/vo/b'], narrow);
    expect([...successful].map(([lfn, uploads]) => [lfn, uploads.length])).toEqual([
      ['/vo/a', 0],
      ['/vo/b', 1],
    ]);
  });

  test('tells a thousand of a name, the oldest of them', async () => {
    const many = Array.from({ length: 1500 }, (_, n) => ({ key: `vo/a/${n}`, uploadId: `2~${n}`, begunAt: at(1500 - n) }));
    const uploads = singleResult(await find(createSessionWorld({ unfinished: many }), ['/vo/a']));
    expect([uploads.length, uploads[0]?.uploadId, uploads.at(-1)?.uploadId]).toEqual([1000, '2~1499', '2~500']);
  });
});
