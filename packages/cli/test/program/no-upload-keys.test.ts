import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { base, element, onePartMore, openTransferWorld, slowly, until, type TransferWorld } from './transfer-world.js';

/** Two gateways behind one name, which nobody gave keys in common. */
let world: TransferWorld;
beforeAll(async () => {
  world = await openTransferWorld({ gateways: 2, uploadKeys: false });
}, 120_000);
afterAll(() => world.close());

it('says what the operators have to set where an upload in parts ends with the gateway that began it', async () => {
  await world.makeFile('large.bin');
  const running = world.start(['put', `${base}/large.bin`, 'large.bin', element, ...slowly]);
  const stored = onePartMore(world);
  await until(stored);
  const began = world.gateways.filter(({ log }) => log().includes('create_multipart_upload'));
  expect(began).toHaveLength(1);
  for (const { child } of began) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/\(upload-ended\)$/m);
  expect(stderr).toContain('set the same SecretKeys in /Systems/DataManagement/Services/S3Gateway/UploadSessions');
  for (const { log } of world.gateways)
    expect(log()).toContain('no keys are configured: an upload in parts ends with the gateway that began it');
  // What it advises helps: the other gateway begins it again.
  expect(await world.run(['put', `${base}/large.bin`, 'large.bin', element])).toMatchObject({ code: 0 });
}, 120_000);
