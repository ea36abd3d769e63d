import { describe, expect, it } from '@jest/globals';
import { diracNames } from '../src/dirac-names.js';
import { diracTable } from '../src/dirac-table.js';
import { findDiracCommand } from '../src/command-table.js';
import { parseCommandLine, type Answer, type Invocation } from '../src/parse/command-line.js';
import { expandPrefixes, parseDiracCommandLine } from '../src/parse/dirac-command-line.js';

const argsOf = (asked: Invocation | Answer) => ('args' in asked ? asked.args : undefined);
const parse = async (...words: string[]) => argsOf(await parseCommandLine(words, '1.2.3'));
const parseAs = async (name: string, ...words: string[]) => argsOf(await parseDiracCommandLine(findDiracCommand(name)!, words, '1.2.3'));

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

  it('ends the options at --', async () => {
    expect((await parse('get', '--', '/vo/x', '/vo/y'))?.positionals).toEqual(['/vo/x', '/vo/y']);
    expect((await parse('get', '--', '-list', '--help'))?.positionals).toEqual(['-list', '--help']);
  });

  it('takes common options in front of the command, too', async () => {
    const args = await parse('-v', '--cfg', 'se', '--json', 'se', 'list', '--quiet');
    expect([args?.flag('verbose'), args?.flag('json'), args?.flag('quiet'), args?.texts('cfg')]).toEqual([true, true, true, ['se']]);
  });

  it('counts what is said last, and asks for numbers where numbers belong', async () => {
    expect((await parse('get', '/vo/x', '--output-dir', 'a', '--output-dir=b'))?.text('output-dir')).toBe('b');
    await expect(parse('get', '/vo/x', '--parallel', 'many')).rejects.toThrow('--parallel needs a number');
    await expect(parse('get', '/vo/x', '--parallel=')).rejects.toThrow('--parallel needs a number');
  });

  it.each([
    [['get', '--no-force', '/vo/x'], /Unknown argument: no-force/],
    [['get', '/vo/x', '--force=yes'], /--force takes no value/],
    [['get', '/vo/x', '--cfg', '--json'], /Not enough arguments following: cfg/],
    [['gett', '/vo/x'], /no command "gett"; did you mean get\?/],
    [['se', 'lost'], /no command "se lost"; did you mean se/],
    [['get'], /LFN is missing/],
    [['url', '/a', 'SE', 'http', 'more'], /"more" is one word too many/],
    [['constructor'], /no command "constructor"/],
  ])('says what is wrong with %j', async (words, reason) => {
    await expect(parse(...words)).rejects.toThrow(reason);
  });

  it('helps with the program, a group and a command, however it is asked', async () => {
    const answer = async (...words: string[]): Promise<string> => {
      const asked = await parseCommandLine(words, '1.2.3');
      return 'answer' in asked ? asked.answer : '';
    };
    expect(await answer('--version')).toBe('1.2.3\n');
    expect(await answer('help')).toBe(await answer('--help'));
    expect(await answer('se', '-h')).toMatch(/^dirac-s3 se <command>.*se status/s);
    expect(await answer('help', 'se')).toBe(await answer('se', '--help'));
    expect(await answer('help', 'se', 'status')).toBe(await answer('se', 'status', '--help'));
    expect(await answer('get', '/vo/x', '--nonsense', '-h')).toMatch(/^dirac-s3 get <LFN..>\n/);
    expect(await answer('--json', '--help')).toBe(await answer('--help'));
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
    await expect(parse(...words)).rejects.toThrow(/see dirac-s3.* --help/);
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

  it('takes its section and certificate, and options of ours that shorten nothing', async () => {
    const args = await parseAs('dirac-dms-get-file', '-s', '/Here', '-c', 'no', '--d', '/vo/x', '--dirac-exit-codes');
    expect([args?.text('section'), args?.text('cert'), args?.flag('debug'), args?.flag('dirac-exit-codes')]).toEqual([
      '/Here',
      'no',
      true,
      true,
    ]);
    expect((await parseAs('dirac-dms-get-file', '--d', '/vo/x'))?.flag('dirac-exit-codes')).toBe(false);
    expect((await parseAs('dls', '--output', 'json'))?.text('output')).toBe('json');
    expect((await parseAs('dls', '--o', '/a=b'))?.texts('option')).toEqual(['/a=b']);
  });

  it('understands its own examples', async () => {
    for (const name of [...Object.values(diracNames), ...diracTable.map(({ diracName }) => diracName)]) {
      const command = await findDiracCommand(name)!.load();
      const examples = command.diracExamples ?? command.examples;
      expect(examples.length).toBeGreaterThan(0);
      for (const [words] of examples) {
        const args = await parseAs(name, ...(words === '' ? [] : words.split(' ')));
        expect(args).toBeDefined();
        if (command.positionals.some(({ required }) => required === true)) expect(args!.positionals).toContain(words.split(' ').at(-1));
      }
    }
  });

  it('passes over words too many of a question, as DIRAC does, and refuses them where something would change', async () => {
    const args = await parseAs('dirac-dms-lfn-accessURL', '/vo/x', 'SE', 'http', 'https', 'more');
    expect([args?.positionals, args?.ignored]).toEqual([
      ['/vo/x', 'SE', 'http'],
      ['https', 'more'],
    ]);
    expect((await parseAs('dirac-dms-get-file', '/vo/x', '/vo/y'))?.ignored).toEqual([]);
    await expect(parseAs('dirac-dms-remove-catalog-replicas', '/vo/x', 'SE', 'more')).rejects.toThrow(/"more" is one word too many/);
    await expect(parseAs('dirac-dms-add-file', '/vo/x', 'x', 'SE', 'guid', 'more')).rejects.toThrow(/"more" is one word too many/);
  });

  it('has no other options that DIRAC has not', async () => {
    await expect(parseAs('dirac-dms-get-file', '/vo/x', '--json')).rejects.toThrow(/Unknown argument: json.*dirac-dms-get-file --help/s);
    await expect(parseAs('dirac-dms-get-file', '-x', '/vo/x')).rejects.toMatchObject({ about: 'option' });
    await expect(parseAs('dirac-dms-get-file')).rejects.toThrow(/dirac-dms-get-file --help/);
  });
});
