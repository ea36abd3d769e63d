import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { base, element, openTransferWorld, until, type TransferWorld } from './transfer-world.js';

/** Slower than a session lasts: the permission is asked for again before the last part. */
const slowly = ['--limit-rate', '8M'];
const lfn = `${base}/large.bin`;
let world: TransferWorld;
beforeAll(async () => {
  world = await openTransferWorld({ gatewayOptions: ['-o', '/Systems/DataManagement/Services/S3Gateway/UploadSessions/Lifetime=5'] });
}, 120_000);
afterAll(() => world.close());

it('ends an upload with "Permission denied" when the permission is withdrawn on its way, and goes on when it is given back', async () => {
  const bytes = await world.makeFile('large.bin');
  const running = world.start(['put', lfn, 'large.bin', element, ...slowly]);
  // The first four parts are on their way; the fifth is signed when one of them has come, after the session has to be renewed.
  await until(() => world.openUploads().length === 1);
  expect(await world.run(['chmod', '0500', base])).toMatchObject({ code: 0, stdout: `${base} has the mode 0500\n` });
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    new RegExp(`^dirac-s3: ${lfn}: Permission denied: .*this needs Write on the directory ${base}.*\\(permission-denied\\)$`, 'm'),
  );
  // Neither registered nor stored.
  const asCarol = { env: { BEARER_TOKEN_FILE: world.carolsToken } };
  expect(await world.run(['replicas', lfn], asCarol)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No such file or directory'),
  });
  const there = world.partsStored();
  expect(there).not.toEqual([]);
  expect(there).not.toContain(5);
  expect(await world.list()).toMatchObject([{ lfn, direction: 'upload', state: 'stopped' }]);

  expect(await world.run(['chmod', '0700', base], asCarol)).toMatchObject({ code: 0 });
  world.seen.parts.length = 0;
  expect(await world.run(['transfers', 'resume', join(world.home, 'large.bin')])).toMatchObject({ code: 0 });
  expect([...world.seen.parts].sort()).toEqual([1, 2, 3, 4, 5].filter((number) => !there.includes(number)));
  expect(await world.run(['get', lfn, '--output-dir', '..'])).toMatchObject({ code: 0 });
  expect(readFileSync(join(world.home, '..', 'large.bin')).equals(bytes)).toBe(true);
  expect(world.traces()).toEqual([]);
}, 120_000);
