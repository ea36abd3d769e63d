import { checked, text } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** Options of a `File` protocol section: `/Resources/StorageElements/<SE>/<section>`. */
export const fileSectionOptions = {
  plugin: option('PluginName', text, {
    written: 'name of the section',
    meaning: 'Must be `File`, unless the section is called `File`.',
    example: 'File',
  }),
  protocol: option(
    'Protocol',
    checked('text', (value) => (value === 'file' ? undefined : 'must be file')),
    { required: true, meaning: 'The protocol of the File plugin: `file`.', example: 'file' },
  ),
  directory: option(
    'Path',
    checked('text', (value) =>
      /^\/(?!.*(?:\/\/|\/\.{1,2}(?:\/|$)|\/$))./s.test(value) ? undefined : 'must be an absolute path without "." and ".."',
    ),
    { required: true, meaning: 'The mounted directory: files lie below it under their LFN. It is never made.', example: '/mnt/storage' },
  ),
} satisfies OptionTable;
