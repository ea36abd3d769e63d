import type { Positional } from '../command.js';

export const lfnsPositional: Positional = {
  name: 'LFN',
  describe: 'Logical file names; or one file with an LFN in each line',
  required: true,
  many: true,
};
