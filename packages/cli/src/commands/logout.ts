import type { Command } from '../command.js';
import { plainResult } from '../output/result.js';

export const logout: Command = {
  positionals: [],
  options: {},
  examples: [['', 'Forget the login, here and at the issuer']],
  readOnly: false,
  run: async ({ openSession }) => {
    const outcome = await (await openSession()).logout();
    const text = {
      revoked: 'logged out, and the issuer has forgotten the tokens\n',
      forgotten: 'logged out here; the issuer was not told, and the tokens live until they end\n',
      nobody: 'nobody was logged in\n',
    }[outcome];
    return plainResult(text, { outcome });
  },
};
