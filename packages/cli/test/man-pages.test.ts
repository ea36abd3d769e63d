import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { commandTable } from '../src/command-table.js';
import { diracTable } from '../src/dirac-table.js';
import { renderManPages } from '../src/man-pages.js';

const pages = await renderManPages();
const directory = new URL('../man/', import.meta.url);

describe('the manual pages', () => {
  it('are there for the program and every command', () => {
    expect(pages.size).toBe(1 + commandTable.length + diracTable.length);
    for (const { name } of commandTable) expect(pages.has(`dirac-s3-${name.replaceAll(' ', '-')}.1`)).toBe(true);
  });

  it('tell every option and example of a command', async () => {
    for (const entry of commandTable) {
      const text = pages.get(`dirac-s3-${entry.name.replaceAll(' ', '-')}.1`)!;
      const { options, diracOptions, positionals } = await entry.load();
      for (const name of Object.keys({ ...options, ...diracOptions })) expect(text).toContain(`\\-\\-${name.replaceAll('-', '\\-')}`);
      for (const { name } of positionals) expect(text).toContain(`\\fI${name}\\fR`);
    }
  });

  it('lie in the package as they are generated, and no others', async () => {
    expect((await readdir(directory)).sort()).toEqual([...pages.keys()].sort());
    for (const [name, text] of pages) expect(await readFile(new URL(name, directory), 'utf8')).toBe(text);
  });

  it('hold no line that roff would take for a request of its own', () => {
    for (const text of pages.values()) {
      for (const line of text.split('\n')) expect(line).toMatch(/^(?:\.(?:SH|TH|TP|PP|B|I|RI|\\") ?|[^.']|$)/);
    }
  });

  const withGroff = spawnSync('groff', ['--version']).status === 0 ? it : it.skip;
  withGroff('are read by groff without a word', () => {
    for (const [name, text] of pages) {
      const { status, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-z'], { input: text, encoding: 'utf8' });
      expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
    }
  });
});
