import { describe, expect, it } from '@jest/globals';
import { diracTable } from '../src/dirac-table.js';
import { commandTable } from '../src/command-table.js';
import { diracCommands } from '../src/dirac-names.js';
import { renderCliReference } from '../src/reference.js';

const page = await renderCliReference();

describe('the reference page', () => {
  it('has every command with every option and example', async () => {
    for (const entry of commandTable) {
      const command = await entry.load();
      const section = page.split(/^## /m).find((text) => text.startsWith(`${entry.name}\n`)) ?? '';
      for (const name of Object.keys({ ...command.options, ...command.diracOptions })) expect(section).toContain(`--${name}`);
      for (const [text, meaning] of command.examples) expect(section).toContain(`# ${meaning}\ndirac-s3 ${entry.name} ${text}`.trim());
      for (const { name } of command.positionals) expect(section).toContain(`\`${name}\``);
    }
  });

  it("has every command that exists under DIRAC's name alone, and every exit code", async () => {
    for (const entry of diracTable) {
      const command = await entry.load();
      const section = page.split(/^## /m).find((text) => text.startsWith(`${entry.name}\n`)) ?? '';
      for (const name of Object.keys(command.diracOptions ?? {})) expect(section).toContain(`--${name}`);
      for (const [text, meaning] of command.examples) expect(section).toContain(`# ${meaning}\n${entry.name} ${text}`.trim());
    }
    for (const { diracName } of diracCommands()) expect(page).toMatch(new RegExp(`^\\| \`${diracName}\` \\| \\d`, 'm'));
  });

  it('says which catalog counts and what is shown to it, as the program chooses', () => {
    const section = page.split(/^## /m).find((text) => text.startsWith('Names, credentials, catalogs\n')) ?? '';
    for (const way of ['`--proxy`', '`--token-file`', '`X509_USER_PROXY`', '(#login)', '/tmp/x509up_u', '/tmp/bt_u'])
      expect(section).toContain(way);
    expect(section).toMatch(/`Sqlite`[^]*File Catalog[^]*you show a proxy[^]*the gateway has/);
    expect(section).toContain('plugin `File`');
  });

  it('links to sections that are there', () => {
    const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => (title ?? '').toLowerCase().replaceAll(' ', '-'));
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

describe('the command table', () => {
  it("has a line for each of DIRAC's names, and no other", () => {
    const lines = [...commandTable, ...diracTable].flatMap(({ diracName }) => diracName ?? []);
    expect(lines.sort()).toEqual(
      diracCommands()
        .map(({ diracName }) => diracName)
        .sort(),
    );
  });

  it('names the arguments as the commands define them', async () => {
    for (const { syntax, load } of [...commandTable, ...diracTable]) {
      const { positionals } = await load();
      const written = positionals.map(({ name, required, many }) => {
        const inner = `${name}${many === true ? '..' : ''}`;
        return required === true ? `<${inner}>` : `[${inner}]`;
      });
      expect(syntax).toBe(written.join(' '));
    }
  });
});
