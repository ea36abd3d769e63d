import { installAliases } from '../aliases.js';
import type { Command } from '../command.js';
import { diracCommands } from '../dirac-names.js';
import { plainResult } from '../output/result.js';
import { formatTable } from '../output/table.js';

export const aliasesInstall: Command = {
  positionals: [{ name: 'DIR', describe: 'Directory, best one of your PATH', required: true }],
  options: {},
  examples: [['~/bin', "Answer to DIRAC's names from now on"]],
  notes:
    "On a machine with DIRAC these names hide DIRAC's own commands, or are hidden by them, as the order of PATH will have it. Nothing that is not of this program is replaced.",
  readOnly: false,
  run: async (_, args) => {
    const [directory = ''] = args.positionals;
    const installed = await installAliases(
      directory,
      diracCommands().map(({ diracName }) => diracName),
    );
    return plainResult(installed.map((path) => `${path}\n`).join(''), { installed });
  },
};

export const aliasesList: Command = {
  positionals: [],
  options: {},
  examples: [['', "DIRAC's names, and what they are here"]],
  readOnly: true,
  run: () => {
    const rows = diracCommands().map(({ diracName, like }) => [diracName, like === '' ? '' : `dirac-s3 ${like}`]);
    const aliases = rows.map(([diracName, command]) => ({ diracName, command }));
    return Promise.resolve(plainResult(formatTable(['DIRAC', 'Here'], rows), { aliases }));
  },
};
