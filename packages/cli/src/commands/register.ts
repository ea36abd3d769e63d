import type { Command } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { askAbout, readNames } from '../names.js';
import { bulkResult, lines } from '../output/result.js';

export const register: Command = {
  positionals: [
    { name: 'LFN', describe: 'Logical file name; or a file with an LFN in each line', required: true },
    { name: 'SE', describe: 'StorageElement where the file is stored', required: true },
  ],
  options: { guid: { type: 'string', value: 'GUID', describe: 'GUID the upload was given (default: a new one)' } },
  examples: [['/vo/user/a/alice/data.bin CERN-S3', 'Finish an upload whose registration failed']],
  notes: 'Size and checksum are those the store has; an object that carries no checksum is refused.',
  readOnly: false,
  run: async ({ openSession }, args) => {
    const [name = '', elementName = ''] = args.positionals;
    const names = await readNames([name]);
    const guid = args.text('guid');
    if (guid !== undefined && names.length > 1) throw new UsageError('--guid belongs to one file, and the list names several');
    const session = await openSession();
    const storageElement = (await session.openStorageElement(elementName)).name;
    const manager = await session.dataManager();
    const result = await askAbout(names, (lfns) =>
      manager.registerStored(lfns.map((lfn) => ({ lfn, storageElement, ...(guid === undefined ? {} : { guid }) }))),
    );
    return bulkResult(result, {
      text: lines((lfn, done) => `${lfn} is registered at ${done.storageElement}: ${done.sizeBytes} bytes, Adler-32 ${done.checksum}`),
      entry: ({ sizeBytes, checksum, guid: registered, pfn }) => ({ storageElement, sizeBytes, checksum, guid: registered, pfn }),
    });
  },
};
