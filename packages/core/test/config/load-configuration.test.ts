import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatRemark, loadConfiguration } from '../../src/config/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dirac-s3-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

const tell = (text: string): string => `S\n{\n  who = ${text}\n  ${text} = yes\n}\n`;

describe('the order of layers', () => {
  /** All layers of DIRAC, weakest first: the name each writes, and how to switch it on. */
  const layers = ['central', 'root', 'system-2', 'system-1', 'home', 'cfg-1', 'cfg-2', 'option'] as const;

  async function load(present: ReadonlySet<string>) {
    const file = async (layer: (typeof layers)[number], name: string) =>
      present.has(layer) ? await write(name, tell(layer)) : join(folder, name);
    await file('root', 'root/etc/dirac.cfg');
    await file('home', 'home/.dirac.cfg');
    const central = await file('central', 'central.cfg');
    const system = [await file('system-1', 'system-1.cfg'), await file('system-2', 'system-2.cfg')];
    const cfg = [await file('cfg-1', 'cfg-1.cfg'), await file('cfg-2', 'cfg-2.cfg')].filter((_, index) => present.has(`cfg-${index + 1}`));
    return loadConfiguration({
      options: present.has('option') ? ['/S/who=option', 'S/option = yes'] : [],
      cfgFiles: cfg,
      env: { DIRACSYSCONFIG: ` ${system.join(' , ')},`, DIRAC_ROOT_PATH: join(folder, 'root') },
      home: join(folder, 'home'),
      ...(present.has('central') ? { centralFile: central } : {}),
    });
  }

  test.each(layers.map((layer, index) => [layer, layers.slice(0, index + 1)] as const))(
    '%s overrides every layer below it',
    async (strongest, present) => {
      const { tree, errors, warnings } = await load(new Set(present));
      expect([...errors, ...warnings]).toEqual([]);
      expect(tree.option('/S/who')?.value).toBe(strongest);
    },
  );

  test('layers merge option by option, and each option remembers its own', async () => {
    const { tree } = await load(new Set(layers));
    expect(
      tree
        .section('S')
        ?.options()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['who', ...layers].toSorted());
    expect(tree.option('/S/central')?.source).toBe(`${join(folder, 'central.cfg')}:4:3`);
    expect(tree.option('/S/cfg-1')?.source).toBe(`${join(folder, 'cfg-1.cfg')}:4:3`);
    expect(tree.option('/S/who')?.source).toBe('-o /S/who');
  });

  test('nothing at all is an empty configuration, and a warning', async () => {
    expect(await loadConfiguration({})).toEqual({ tree: expect.anything(), warnings: [expect.anything()], errors: [] });
  });

  test('rootPath beats DIRAC_ROOT_PATH', async () => {
    await write('a/etc/dirac.cfg', 'x = a');
    await write('b/etc/dirac.cfg', 'x = b');
    const { tree } = await loadConfiguration({ rootPath: join(folder, 'a'), env: { DIRAC_ROOT_PATH: join(folder, 'b') } });
    expect(tree.option('x')?.value).toBe('a');
  });

  test('"~/" in the name of a file is the home directory', async () => {
    await write('my.cfg', 'x = 1');
    const { tree, errors } = await loadConfiguration({ cfgFiles: ['~/my.cfg'], home: folder });
    expect(errors).toEqual([]);
    expect(tree.option('x')?.value).toBe('1');
  });
});

describe('the central file', () => {
  test('is named by an option of any local layer, and overridden by all of them', async () => {
    const central = await write('central.cfg', 'x = central\ny = central');
    const { tree } = await loadConfiguration({ options: [`/DIRAC/Configuration/CentralFile=${central}`, '/x=local'] });
    expect([tree.option('x')?.value, tree.option('y')?.value]).toEqual(['local', 'central']);
  });

  test('must be there when it is named', async () => {
    const { errors } = await loadConfiguration({ centralFile: join(folder, 'none.cfg') });
    expect(errors.map(formatRemark)).toEqual([`${join(folder, 'none.cfg')}: /: there is no such configuration file`]);
  });

  test('an argument beats the option', async () => {
    const central = await write('central.cfg', 'x = 1');
    const { tree, errors } = await loadConfiguration({ centralFile: central, options: ['/DIRAC/Configuration/CentralFile=/nowhere'] });
    expect(errors).toEqual([]);
    expect(tree.option('x')?.value).toBe('1');
  });
});

describe('faults of layers', () => {
  test('that there is none at all is told to everybody, with the places looked at', async () => {
    const env = { DIRACSYSCONFIG: join(folder, 'sys.cfg') };
    const told = async (more: Parameters<typeof loadConfiguration>[0] = {}): Promise<string[]> =>
      (await loadConfiguration({ home: folder, env, ...more })).warnings.filter(({ grave }) => grave === true).map(formatRemark);
    expect(await told()).toEqual([
      `no configuration file could be read (looked for ${join(folder, 'sys.cfg')}, ${join(folder, '.dirac.cfg')}); ` +
        'others are named by --cfg, DIRACSYSCONFIG or DIRAC_ROOT_PATH',
    ]);
    expect(await told({ options: ['/x=1'] })).toEqual([]);
    await write('sys.cfg', '');
    expect(await told()).toEqual([]);
  });

  test('a missing --cfg file is an error', async () => {
    const { errors } = await loadConfiguration({ cfgFiles: [join(folder, 'none.cfg')] });
    expect(errors.map(formatRemark)).toEqual([`${join(folder, 'none.cfg')}: /: there is no such configuration file`]);
  });

  test('every syntax error of every file is told', async () => {
    const one = await write('one.cfg', '= 1\n');
    await write('.dirac.cfg', 'a\n{\n');
    const { errors } = await loadConfiguration({ cfgFiles: [one], home: folder });
    expect(errors.map(({ source }) => source)).toEqual([`${join(folder, '.dirac.cfg')}:1:1`, `${one}:1:1`]);
  });

  test('a name that is a section in one layer and an option in another is an error naming both', async () => {
    const one = await write('one.cfg', 'S\n{\n}\n');
    const two = await write('two.cfg', 'S = 1\n');
    const { errors } = await loadConfiguration({ cfgFiles: [one, two] });
    expect(errors.map(formatRemark)).toEqual([`${two}:1:1: /S: an option here, but a section in ${one}:1:1; one name cannot be both`]);
  });

  test.each([new Uint8Array([0x61, 0xff, 0x3d]), new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), new TextEncoder().encode('a = \0')])(
    'a file that is not text is an error (%#)',
    async (bytes) => {
      const file = await write('x.cfg', bytes);
      const { errors } = await loadConfiguration({ cfgFiles: [file] });
      expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/not text in UTF-8/)]);
    },
  );

  test('a byte order mark in a file is refused', async () => {
    const file = await write('x.cfg', '\ufeffa = 1\n');
    const { errors } = await loadConfiguration({ cfgFiles: [file] });
    expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/byte order mark/)]);
  });

  test('what cannot be read is an error where it was named, and a warning where it was not', async () => {
    await mkdir(join(folder, '.dirac.cfg'));
    const { errors, warnings } = await loadConfiguration({ cfgFiles: [folder], home: folder });
    expect(errors.map(({ source }) => source)).toEqual([folder]);
    expect(warnings.map(({ source }) => source)).toEqual([join(folder, '.dirac.cfg')]);
  });

  test.each([
    ['secret-without-equals', /must be written -o \/path\/of\/the\/option=value/],
    ['=secret', /names no option/],
    ['/=secret', /names no option/],
  ])('-o %j is an error that does not repeat it', async (option, reason) => {
    const { errors } = await loadConfiguration({ options: ['/a=1', option] });
    expect(errors.map(formatRemark)).toEqual([expect.stringMatching(reason)]);
    expect(errors[0]?.source).toBe('-o (option 2)');
    expect(JSON.stringify(errors)).not.toContain('secret');
  });

  test('-o with a path through an option is an error', async () => {
    const { errors } = await loadConfiguration({ options: ['/a=1', '/a/b=2', '/c/d=1', '/c=2'] });
    expect(errors.map(({ message }) => message)).toEqual(['/a/b is an option and a section', '/c is an option and a section']);
  });

  test('-o keeps every "=" after the first one', async () => {
    const { tree } = await loadConfiguration({ options: ['/a/b= x=y ='] });
    expect(tree.option('/a/b')?.value).toBe('x=y =');
  });
});

describe('files with secrets', () => {
  const secret = 'Resources\n{\n  Aws_secret_access_key = wJalrXUtnFEMI\n}\n';

  test.each([0o644, 0o640, 0o604])('are warned about when others can read them (mode %i)', async (mode) => {
    const file = await write('dirac.cfg', secret, mode);
    const { warnings } = await loadConfiguration({ cfgFiles: [file] });
    expect(warnings).toEqual([
      {
        path: '/Resources/Aws_secret_access_key',
        source: `${file}:3:3`,
        grave: true,
        message: `this file holds secrets, and its mode 0${mode.toString(8)} lets group or others read it; run: chmod 600 ${file}`,
      },
    ]);
  });

  test('are fine when only their user can', async () => {
    const { warnings } = await loadConfiguration({ cfgFiles: [await write('dirac.cfg', secret, 0o600)] });
    expect(warnings).toEqual([]);
  });

  test('files without secrets may be read by everybody', async () => {
    const { warnings } = await loadConfiguration({ cfgFiles: [await write('dirac.cfg', 'Aws_secret_access_key =\na = 1\n', 0o644)] });
    expect(warnings).toEqual([]);
  });
});
