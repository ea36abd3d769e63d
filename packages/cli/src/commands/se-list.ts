import { originOf, type StorageElement } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { plainResult } from '../output/result.js';
import { formatTable } from '../output/table.js';

export const seList: Command = {
  positionals: [],
  options: {},
  examples: [
    ['', 'Which StorageElements can be used, and how'],
    ['--verbose', 'Also what is wrong with the configuration of others'],
  ],
  notes: 'Access is "direct" where the credentials of the StorageElement are in the configuration of this machine, else "via-gateway".',
  readOnly: true,
  run: async ({ openSession }) => {
    const elements = (await openSession()).storageElements();
    const header = ['StorageElement', 'Access', 'Endpoint', 'Bucket', 'Read', 'Write', 'Remove', 'Check'];
    return plainResult(formatTable(header, elements.map(rowOf)), { storageElements: elements.map(entryOf) });
  },
};

function rowOf({ name, access, endpoint, bucket, status }: StorageElement): string[] {
  return [name, access, originOf(endpoint), bucket, status.Read, status.Write, status.Remove, status.Check];
}

function entryOf({ name, access, endpoint, bucket, status, vos }: StorageElement): Record<string, unknown> {
  return { name, access, endpoint: originOf(endpoint), bucket, status, vos };
}
