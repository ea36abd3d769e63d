import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { base, openTransferWorld, type TransferWorld } from './transfer-world.js';

let world: TransferWorld;
beforeAll(async () => {
  world = await openTransferWorld();
}, 120_000);
afterAll(() => world.close());

it('names what the operator has to set where a file of more than 5 GiB cannot be sent', async () => {
  const path = join(world.home, 'sparse.bin');
  await writeFile(path, 'begins');
  await truncate(path, 5 * 1024 ** 3 + 1);
  // A store that honours unsigned headers, without keys that can only write.
  const { code, stderr } = await world.run(['put', `${base}/sparse.bin`, 'sparse.bin', 'DEMO-S3']);
  expect(code).toBe(1);
  expect(stderr).toContain('5368709121 bytes need an upload in parts');
  expect(stderr).toContain('Aws_write_access_key_id and Aws_write_secret_access_key');
  expect(stderr).toContain('/Resources/StorageElements/DEMO-S3 at the gateway, or UnsignedHeaders = refused');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(world.openUploads()).toEqual([]);
  expect(world.traces()).toEqual([]);
  expect((await world.run(['replicas', `${base}/sparse.bin`])).code).toBe(1);
}, 180_000);
