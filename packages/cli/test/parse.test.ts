import { describe, expect, it } from '@jest/globals';
import { diracNames } from '../src/dirac-names.js';
import { findDiracCommand } from '../src/command-table.js';
import { parseCommandLine } from '../src/parse/command-line.js';
import { expandPrefixes, parseDiracCommandLine } from '../src/parse/dirac-command-line.js';

const parse = async (...words: string[]) => (await parseCommandLine(words, '1.2.3'))?.args;
const parseAs = async (name: string, ...words: string[]) => (await parseDiracCommandLine(findDiracCommand(name)!, words, '1.2.3'))?.args;

describe('the command line', () => {
  it('mixes options and arguments, and repeats -o and --cfg', async () => {
    const args = await parse(
      'put',
      '-o',
      '/a/b=c',
      '/vo/x',
      '--cfg',
      'one.cfg',
      'x.bin',
      '-o',
      '/d=e=f',
      'SE',
      '--cfg=two.cfg',
      '--parallel',
      '8',
      '-f',
    );
    expect(args?.positionals).toEqual(['/vo/x', 'x.bin', 'SE']);
    expect(args?.texts('option')).toEqual(['/a/b=c', '/d=e=f']);
    expect(args?.texts('cfg')).toEqual(['one.cfg', 'two.cfg']);
    expect(args?.number('parallel')).toBe(8);
    expect([args?.flag('force'), args?.flag('json'), args?.text('as')]).toEqual([true, false, undefined]);
  });

  it('keeps words that look like numbers as they are', async () => {
    expect((await parse('put', '/vo/x', '007', '1e3', '0x10'))?.positionals).toEqual(['/vo/x', '007', '1e3', '0x10']);
    expect((await parse('get', '1.50'))?.positionals).toEqual(['1.50']);
  });

  it('ends the options at --, and sends a dashed local name another way', async () => {
    expect((await parse('get', '--', '/vo/x', '/vo/y'))?.positionals).toEqual(['/vo/x', '/vo/y']);
    await expect(parse('get', '--', '-list')).rejects.toThrow('write ./-list for the local file -list');
  });

  it('finds commands of two words', async () => {
    expect((await parse('aliases', 'install', '/bin'))?.positionals).toEqual(['/bin']);
    expect((await parse('se', 'list'))?.positionals).toEqual([]);
  });

  it.each([
    [[]],
    [['nosuch']],
    [['get']],
    [['url', '/vo/x']],
    [['url', '/a', 'SE', 'http', 'more']],
    [['get', '/vo/x', '--nosuch']],
    [['se']],
    [['se', 'nosuch']],
    [['get', '/vo/x', '--token-file']],
    [['get', '/vo/x', '--token', 'text']],
  ])('refuses %j', async (words) => {
    await expect(parse(...words)).rejects.toThrow(/see dirac-s3 --help/);
  });
});

describe("DIRAC's command line", () => {
  it('has the options of its frame', async () => {
    const args = await parseAs('dirac-dms-add-file', '/vo/x', '-d', '-d', 'f', 'SE', '-o', '/a=b', '--cfg', 'c.cfg', '--force');
    expect(args?.positionals).toEqual(['/vo/x', 'f', 'SE']);
    expect([args?.flag('debug'), args?.flag('force'), args?.texts('option'), args?.texts('cfg')]).toEqual([
      true,
      true,
      ['/a=b'],
      ['c.cfg'],
    ]);
  });

  it('knows long options by their beginning', async () => {
    expect((await parseAs('dirac-dms-lfn-replicas', '--Al', '/vo/x', '--cf=c.cfg', '--opt', '/a=b'))?.flag('All')).toBe(true);
    expect(expandPrefixes(['--c', '--cf=x', '--x', '--', '--cf'], ['cfg', 'cert'])).toEqual(['--c', '--cfg=x', '--x', '--', '--cf']);
  });

  it('understands its own examples', async () => {
    for (const name of Object.values(diracNames)) {
      const command = await findDiracCommand(name)!.load();
      const examples = command.diracExamples ?? command.examples;
      expect(examples.length).toBeGreaterThan(0);
      for (const [words] of examples) expect((await parseAs(name, ...words.split(' ')))?.positionals).toContain(words.split(' ').at(-1));
    }
  });

  it('has no options that DIRAC has not', async () => {
    await expect(parseAs('dirac-dms-get-file', '/vo/x', '--json')).rejects.toThrow(/Unknown argument.*dirac-dms-get-file --help/s);
    await expect(parseAs('dirac-dms-get-file')).rejects.toThrow(/dirac-dms-get-file --help/);
  });
});
