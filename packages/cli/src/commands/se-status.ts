import { isOpenToVo, statusFor, type StorageElement } from '@dirac-s3/core';
import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { plainResult } from '../output/result.js';
import { formatTable } from '../output/table.js';

const vo = { alias: 'V', type: 'string', value: 'VO', describe: 'StorageElements this VO can use (default: your own)' } as const;
const all = { alias: 'a', type: 'boolean', describe: 'StorageElements of all VOs' } as const;

export const seStatus: Command = {
  positionals: [],
  options: { vo, all, 'no-vo': { alias: 'n', type: 'boolean', describe: 'Only StorageElements that are for every VO' } },
  diracOptions: { vo, all, noVO: { alias: 'n', type: 'boolean', describe: 'No Virtual Organizations assigned flag' } },
  examples: [
    ['', 'What can be done now at the StorageElements of my VO'],
    ['--all', 'At all of them'],
  ],
  notes: 'Active and Degraded permit, anything else forbids; whoever may read may also check. S3 StorageElements only.',
  readOnly: true,
  run: async ({ openSession }, args) => {
    const onlyOpen = args.flag('no-vo') || args.flag('noVO');
    const everywhere = args.flag('all') && !onlyOpen;
    if (everywhere && args.text('vo') !== undefined) throw new UsageError('--all and --vo exclude each other');
    const session = await openSession();
    const asked = everywhere || onlyOpen ? args.text('vo') : (args.text('vo') ?? (await session.whoami()).vo);
    const elements = [...session.storageElements()]
      .filter((element) => (onlyOpen ? element.vos.length === 0 : asked === undefined || isOpenToVo(element, asked)))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const rows = elements.map((element) => rowOf(element, asked));
    const header = ['SE', 'ReadAccess', 'WriteAccess', 'RemoveAccess', 'CheckAccess'];
    return plainResult(formatTable(header, rows), {
      storageElements: elements.map((element) => ({ name: element.name, vos: element.vos, status: statusFor(element, asked) })),
    });
  },
};

function rowOf(element: StorageElement, vo: string | undefined): string[] {
  const { Read, Write, Remove, Check } = statusFor(element, vo);
  return [element.name, Read, Write, Remove, Check];
}
