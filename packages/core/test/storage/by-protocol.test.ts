import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adler32, singleResult } from '../../src/domain/index.js';
import type { ElementProtocols, SectionAccess, StoragePlugin } from '../../src/protocols/index.js';
import { createStorageElementByProtocol, type ByProtocolOptions, type StorageElementClient } from '../../src/storage/index.js';
import { ReplicationWorld } from '../data-management/replication-world.js';
import { lfnOf } from './world.js';

const lfn = lfnOf('data.bin');
const bytes = randomBytes(1000);

const section = (protocol: string, access: SectionAccess = 'remote'): StoragePlugin => ({
  section: protocol.toUpperCase(),
  plugin: protocol,
  protocol,
  access,
  inputProtocols: [protocol, 'file'],
  outputProtocols: [protocol],
});

/** A StorageElement that is a bucket and a mounted directory, each with a store of its own behind it: what is where tells who was asked. */
describe('a StorageElement of several protocols', () => {
  let world: ReplicationWorld;
  let path: string;
  beforeEach(async () => {
    world = await ReplicationWorld.open('direct');
    path = join(world.folder, 'source');
    writeFileSync(path, bytes);
  });
  afterEach(() => world.close());

  const open = (changes: Partial<ElementProtocols>, more: Partial<ByProtocolOptions> = {}): StorageElementClient => {
    const lists = { access: ['s3', 'file'], write: ['s3', 'file'], stage: [] };
    return createStorageElementByProtocol({
      protocols: { name: 'BOTH', plugins: [section('s3'), section('file')], lists, ...changes },
      clients: new Map([
        ['s3', world.client('ONE')],
        ['file', world.client('DISK')],
      ]),
      local: false,
      registrationProtocols: ['s3', 'file'],
      ...more,
    });
  };
  const put = (element: StorageElementClient) => element.put([{ lfn, source: { path } }]).then(singleResult);
  const isAt = async (name: string): Promise<boolean> => singleResult(await world.client(name).exists([lfn]));
  const lists = (access: string[], write: string[]) => ({ lists: { access, write, stage: [] } });

  test('writes by the first protocol of its write list, and reads by the first of its access list', async () => {
    const element = open(lists(['s3'], ['file', 's3']));
    await put(element);
    expect([await isAt('ONE'), await isAt('DISK')]).toEqual([false, true]);
    expect(singleResult(await element.exists([lfn]))).toBe(false);
    expect(singleResult(await open(lists(['file'], [])).getMetadata([lfn]))).toMatchObject({ checksum: adler32(bytes) });
    singleResult(await element.remove([lfn]));
    expect(await isAt('DISK')).toBe(false);
  });

  test('registers by the first protocol of the registration list, whichever wrote', async () => {
    const element = open(lists(['s3'], ['file']), { registrationProtocols: ['srm', 's3'] });
    expect((await put(element)).pfn).toBe(world.client('ONE').storageUrl(lfn));
    expect([element.protocol, element.name]).toEqual(['s3', 'ONE']);
    expect(open({}, { registrationProtocols: ['file', 's3'] }).protocol).toBe('file');
  });

  test('uses a local section on its own site only, and there before a remote one', async () => {
    const plugins = [section('s3'), section('file', 'local')];
    await put(open({ plugins, ...lists(['s3'], ['file', 's3']) }));
    expect([await isAt('ONE'), await isAt('DISK')]).toEqual([true, false]);
    await put(open({ plugins, ...lists(['s3'], ['file', 's3']) }, { local: true }));
    expect(await isAt('DISK')).toBe(true);
  });

  test.each<[operation: string, list: string, call: (element: StorageElementClient) => unknown]>([
    ['read', 'AccessProtocols', (element) => element.open(lfn)],
    ['read', 'AccessProtocols', (element) => element.get([{ lfn, path: 'nowhere' }])],
    ['check', 'AccessProtocols', (element) => element.exists([lfn])],
    ['write', 'WriteProtocols', (element) => element.put([{ lfn, source: { path } }])],
    ['write', 'WriteProtocols', (element) => element.copyFrom?.('TWO', [])],
    ['remove', 'WriteProtocols', (element) => element.remove([lfn])],
  ])('refuses to %s by protocols this program lacks, naming %s and what there is', async (operation, list, call) => {
    const element = open({ plugins: [section('srm'), section('s3')], ...lists(['srm'], ['srm', 'root']) });
    await expect(Promise.resolve().then(() => call(element))).rejects.toMatchObject({
      code: 'unsupported-protocol',
      message: expect.stringMatching(
        new RegExp(
          `BOTH has no protocol to ${operation} with: its ${list} are srm.*, its sections SRM \\(srm, remote\\), S3 \\(s3, remote\\)`,
        ),
      ),
    });
    expect(world.seen).toEqual([]);
  });

  test('is refused before anything is asked of it', () => {
    const element = open(lists(['s3'], ['srm']));
    expect(() => element.requireOpen('Read')).not.toThrow();
    expect(() => element.requireOpen('Write')).toThrow(/WriteProtocols are srm/);
    expect(() => element.requireOpen('Remove')).toThrow(/WriteProtocols are srm/);
  });

  test('is not refused by lists nobody set, nor for a section without Access', async () => {
    const plugins = [section('s3', 'unclassified')];
    const element = open({ plugins, ...lists(['srm', 'dips'], ['srm', 'dips']), unset: ['access', 'write'] });
    await put(element);
    expect(singleResult(await element.exists([lfn]))).toBe(true);
  });

  test('takes copies inside the store where the store writes them, and says so where it does not', async () => {
    await world.add(lfn, bytes, 'TWO');
    const copies = [
      { lfn, sizeBytes: bytes.length, checksum: adler32(bytes), etag: singleResult(await world.client('TWO').getMetadata([lfn])).etag! },
    ];
    await expect(open(lists([], ['file', 's3'])).copyFrom!('TWO', copies)).rejects.toMatchObject({ code: 'unsupported-operation' });
    singleResult(await open({}).copyFrom!('TWO', copies));
    expect(await isAt('ONE')).toBe(true);
  });

  test('is a source and a destination like any other', async () => {
    await world.add(lfn, bytes, 'TWO');
    world.clients.set('ONE', open(lists(['s3'], ['s3'])));
    const manager = world.manager({ registrationProtocols: ['s3'] });
    expect(singleResult(await manager.replicate([lfn], { storageElement: 'ONE' }))).toMatchObject({ method: 'server-side' });
    world.clients.set('ONE', open(lists(['s3'], ['srm'])));
    await expect(manager.removeReplicas([lfn], 'ONE')).rejects.toMatchObject({ code: 'unsupported-protocol' });
    expect(await world.replicas(lfn)).toEqual(['ONE', 'TWO']);
  });
});
