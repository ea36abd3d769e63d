import { describe, expect, it } from '@jest/globals';
import { DiracS3Error, type StorageElement } from '@dirac-s3/core';
import { runWords } from './run-command.js';

const status = { Read: 'Active', Write: 'Active', Remove: 'Banned', Check: 'Active' };
const element = (name: string, access: StorageElement['access']): StorageElement => ({
  name,
  baseName: undefined,
  section: 'S3',
  endpoint: { secure: true, host: `${name.toLowerCase()}.example.org`, port: 9000 },
  publicEndpoint: undefined,
  bucket: 'data',
  voBuckets: new Map(),
  region: 'us-east-1',
  addressingStyle: 'path',
  caFile: undefined,
  vos: [],
  status,
  unsignedHeaders: 'honoured',
  expiration: { transfer: { defaultSeconds: 3600, maxSeconds: 3600 }, external: { defaultSeconds: 86_400, maxSeconds: 86_400 } },
  access,
});
const offered = (name: string): { name: string; bucket: string; vos: string[]; status: typeof status; endpoint: string } => ({
  name,
  bucket: 'data',
  vos: ['demo'],
  status,
  endpoint: `https://public.${name.toLowerCase()}.example.org`,
});
const seList = (own: readonly StorageElement[], ask: () => Promise<readonly ReturnType<typeof offered>[]>) =>
  runWords(['se', 'list'], { session: { storageElements: () => own, offered: ask } });

describe('se list', () => {
  it('shows the way to each StorageElement, and what only one side knows', async () => {
    const own = [element('OWN-S3', 'direct'), element('GRID-S3', 'via-gateway'), element('LOST-S3', 'via-gateway')];
    const result = await seList(own, () => Promise.resolve([offered('GRID-S3'), offered('NEW-S3')]));
    expect(result.text).toBe(
      `StorageElement Access         Endpoint                           Bucket Read   Write  Remove Check
==================================================================================================
OWN-S3         direct         https://own-s3.example.org:9000    data   Active Active Banned Active
GRID-S3        via-gateway    https://public.grid-s3.example.org data   Active Active Banned Active
LOST-S3        not-offered    https://lost-s3.example.org:9000   data   Active Active Banned Active
NEW-S3         not-configured https://public.new-s3.example.org  data   Active Active Banned Active

`,
    );
    expect(result.failures.size).toBe(0);
  });

  it('asks no gateway where all access is direct', async () => {
    const result = await seList([element('OWN-S3', 'direct')], () => Promise.reject(new Error('asked')));
    expect(result.json).toEqual({
      storageElements: [{ name: 'OWN-S3', access: 'direct', endpoint: 'https://own-s3.example.org:9000', bucket: 'data', status, vos: [] }],
    });
    expect(result).toMatchObject({ succeeded: 1, failures: new Map() });
  });

  it('still tells what the configuration knows when the gateway does not answer, and that it did not', async () => {
    const fault = { code: 'gateway-unavailable', message: 'nobody there' } as const;
    const result = await seList([element('GRID-S3', 'via-gateway')], () => Promise.reject(new DiracS3Error(fault.code, fault.message)));
    expect(result.text).toContain('GRID-S3        via-gateway');
    expect(result.json).toMatchObject({ storageElements: [{ name: 'GRID-S3', access: 'via-gateway' }], gateway: fault });
    expect(result.failures).toEqual(new Map([['gateway', fault]]));
    // Nothing counts as done, so that the exit code is that of the gateway's fault.
    expect(result.succeeded).toBe(0);
  });

  it('says so when there is none', async () => {
    expect((await seList([], () => Promise.resolve([]))).text).toBe('No output\n');
  });
});
