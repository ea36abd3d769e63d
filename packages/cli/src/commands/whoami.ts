import type { Command } from '../command.js';
import { printable } from '../output/printable.js';
import { plainResult } from '../output/result.js';

export const whoami: Command = {
  positionals: [],
  options: {},
  examples: [['', 'User, group and VO the gateway sees']],
  readOnly: true,
  run: async ({ openSession }) => {
    const { username, group, vo, properties, dn, source } = await (await openSession()).whoami();
    const rows: [string, string | undefined][] = [
      ['user', username],
      ['group', group],
      ['vo', vo],
      ['properties', properties.join(', ')],
      ['dn', dn],
      ['proven by', source === 'local' ? 'nothing: the SQLite catalog takes your word for it' : source],
    ];
    const text = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)}  ${printable(value)}\n`])).join('');
    return plainResult(text, { username, group, vo, properties, ...(dn === undefined ? {} : { dn }), source });
  },
};
