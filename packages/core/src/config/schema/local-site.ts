import { text } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** `/LocalSite`. */
export const localSiteOptions = {
  site: option('Site', text, {
    fallback: '',
    written: 'no site',
    meaning: 'The site of this process: of its StorageElements the sections with `Access = local` are used too.',
    example: 'LCG.CERN.cern',
  }),
} satisfies OptionTable;
