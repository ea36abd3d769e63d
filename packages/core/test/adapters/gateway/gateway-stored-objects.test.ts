import { afterEach, describe, expect, test } from '@jest/globals';
import type { GatewayClient } from '../../../src/adapters/gateway/index.js';
import { parseLfn, type Lfn } from '../../../src/domain/index.js';
import { clientOf, each, problem, startScriptedGateway, type Script, type ScriptedGateway } from './scripted-gateway.js';

const object = { sizeBytes: 3, etag: 'd41d8cd98f00b204e9800998ecf8427e' };
const listing: Script = each((lfn) => ({ object: lfn.endsWith('free') ? null : object }));

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

const open = async (script: Script): Promise<{ gateway: ScriptedGateway; objects: GatewayClient['objects'] }> => {
  const gateway = await startScriptedGateway(script);
  const client = clientOf([gateway.url]);
  closing.push(
    () => gateway.close(),
    () => client.close(),
  );
  return { gateway, objects: client.objects };
};
const [a, free] = ['/vo/a', '/vo/free'].map(parseLfn) as [Lfn, Lfn];

describe('what is stored, as a gateway lists it', () => {
  test('is told of each name, or that nothing is', async () => {
    const { gateway, objects } = await open(listing);
    const { successful, failed } = await objects.listed('SE', [free, a]);
    expect([...successful]).toEqual([
      [free, undefined],
      [a, object],
    ]);
    expect(failed.size).toBe(0);
    expect(gateway.seen).toMatchObject([{ line: 'POST /api/v1/objects/list', body: { storageElement: 'SE', lfns: [free, a] } }]);
  });

  test('is asked for a thousand names at a time', async () => {
    const names = Array.from({ length: 2001 }, (_, n) => parseLfn(`/vo/${n}`));
    const { gateway, objects } = await open(listing);
    const { successful } = await objects.listed('SE', names);
    expect([...successful.keys()]).toEqual(names);
    expect(gateway.seen).toHaveLength(3);
  });

  test.each<[string, object]>([
    ['without a word about the object', {}],
    ['without a size', { object: { etag: 'x' } }],
    ['with a size that is none', { object: { ...object, sizeBytes: -1 } }],
    ['with an empty ETag', { object: { ...object, etag: '' } }],
    ['with something more', { object: { ...object, owner: 'bob' } }],
  ])('is not believed %s', async (_, entry) => {
    const { objects } = await open(each(() => entry));
    await expect(objects.listed('SE', [a])).rejects.toMatchObject({ code: 'gateway-unavailable' });
  });

  test('is never absent because a name was left out or refused', async () => {
    const refused = { lfn: a, code: 'permission-denied', errno: 13, message: 'not yours' };
    const { objects } = await open(() => ({ body: { successful: [], failed: [refused] } }));
    const { successful, failed } = await objects.listed('SE', [a, free]);
    expect([successful.size, [...failed].map(([lfn, { code }]) => [lfn, code])]).toEqual([
      0,
      [
        [a, 'permission-denied'],
        [free, 'gateway-unavailable'],
      ],
    ]);
  });
});

describe('a gateway of an earlier version', () => {
  test.each([
    ['not-found', 404],
    ['method-not-allowed', 405],
  ])('says %s, and is not asked a second time', async (code, status) => {
    const { gateway, objects } = await open(() => problem(code, status));
    for (const names of [[a, free], [free]]) {
      const { successful, failed } = await objects.listed('SE', names);
      expect(successful.size).toBe(0);
      expect([...failed].map(([lfn, fault]) => [lfn, fault.code])).toEqual(names.map((name) => [name, 'unsupported-operation']));
    }
    expect(gateway.seen).toHaveLength(1);
  });

  test.each([
    ['unknown-storage-element', 404],
    ['access-not-allowed', 403],
    ['catalog-unavailable', 500],
  ])('is none that says %s: that is thrown, and it is asked again', async (code, status) => {
    const { gateway, objects } = await open(() => problem(code, status));
    for (let n = 0; n < 2; n += 1) await expect(objects.listed('SE', [a])).rejects.toMatchObject({ code });
    expect(gateway.seen).toHaveLength(2);
  });
});
