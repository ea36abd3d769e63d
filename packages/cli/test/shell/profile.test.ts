import { describe, expect, it } from '@jest/globals';
import { parseLfn } from '@dirac-s3/core';
import { findProfile, profileOf, replicationElements, resolvePaths, startingDirectory } from '../../src/shell/profile.js';
import { parseIni } from '../../src/shell/ini-file.js';
import type { Session } from '../../src/session.js';
import type { ShellState } from '../../src/shell/shell-state.js';

const text = `[global]
default_profile = other
[demo]
group_name = demo_user
home_dir = /demo/user/a/alice
default_se = DEMO-S3
[other]
default_se = OTHER-S3
`;
const contextOf = (configuration: string, { group, cwd }: { group?: string; cwd?: string } = {}) => ({
  shell: () =>
    ({
      configuration: () => Promise.resolve(parseIni(configuration)),
      currentDirectory: () => Promise.resolve(cwd === undefined ? undefined : parseLfn(cwd)),
    }) as ShellState,
  openSession: () =>
    group === undefined
      ? Promise.reject(new Error('asked'))
      : Promise.resolve({ whoami: () => Promise.resolve({ group }) } as unknown as Session),
});

describe('the profile', () => {
  it('is that of the group, else the default one, else what DIRAC takes', () => {
    expect(profileOf(parseIni(text), 'demo_user')).toMatchObject({ homeDirectory: '/demo/user/a/alice', defaultStorageElement: 'DEMO-S3' });
    expect(profileOf(parseIni(text), 'demo_admin')).toMatchObject({ homeDirectory: '/', defaultStorageElement: 'OTHER-S3' });
    expect(profileOf(new Map(), undefined)).toEqual({
      homeDirectory: '/',
      defaultStorageElement: 'DIRAC-USER',
      replicationElements: [],
      replicationScheme: 'all()',
    });
  });

  it('asks who one is only when that decides something', async () => {
    expect(await findProfile(contextOf(''))).toMatchObject({ defaultStorageElement: 'DIRAC-USER' });
    expect(await findProfile(contextOf(text, { group: 'demo_user' }))).toMatchObject({ defaultStorageElement: 'DEMO-S3' });
    await expect(findProfile(contextOf(text))).rejects.toThrow('asked');
  });

  it('refuses a home directory that is no name of the catalog', () => {
    expect(() => profileOf(parseIni('[global]\ndefault_profile = x\n[x]\nhome_dir = user\n'), undefined)).toThrow(/must start with/);
  });
});

describe('the StorageElements of a replication scheme', () => {
  const pick = (scheme: string, ses = 'A, B,,C', random = () => 0): readonly string[] => {
    const profile = profileOf(
      parseIni(`[p]\ngroup_name = g\ndefault_se = D\nreplication_ses = ${ses}\nreplication_scheme = ${scheme}\n`),
      'g',
    );
    return replicationElements(profile, random);
  };

  it.each<[string, string[]]>([
    ['all()', ['A', 'B', 'C']],
    ['all( )', ['A', 'B', 'C']],
    ['first(2)', ['A', 'B']],
    ['first( 9 )', ['A', 'B', 'C']],
  ])('%s', (scheme, expected) => {
    expect(pick(scheme)).toEqual(expected);
  });

  it('random(N): N different ones, each as likely as any other', () => {
    expect(pick('random(2)')).toEqual(['B', 'C']);
    expect(pick('random(2)', undefined, () => 0.999)).toEqual(['A', 'B']);
    expect(new Set(pick('random(3)', undefined, Math.random))).toEqual(new Set(['A', 'B', 'C']));
  });

  it('the default StorageElement without any', () => {
    expect(pick('nonsense', '')).toEqual(['D']);
  });

  it.each(['all(1)', 'first()', 'first(0)', 'first(-1)', 'last(1)', '__import__("os").abort()', 'first(1) or all()'])(
    'refuses %s, and evaluates nothing',
    (scheme) => {
      expect(() => pick(scheme)).toThrow(/replication_scheme of dcommands.conf must be/);
    },
  );
});

describe('names', () => {
  it('start where the shell is, else at home', async () => {
    expect(await startingDirectory(contextOf(text, { group: 'demo_user' }))).toBe('/demo/user/a/alice');
    expect(await startingDirectory(contextOf(text, { cwd: '/demo/x' }))).toBe('/demo/x');
  });

  it('mean what they mean in a shell', async () => {
    const context = contextOf('', { cwd: '/demo/x' });
    expect(await resolvePaths(context, ['a', './b/', '..', '../../..', 'LFN:/vo/y', '.'])).toEqual([
      '/demo/x/a',
      '/demo/x/b',
      '/demo',
      '/',
      '/vo/y',
      '/demo/x',
    ]);
  });

  it('need no current directory when all are absolute', async () => {
    expect(await resolvePaths(contextOf(text), ['/vo/a', '/vo/b'])).toEqual(['/vo/a', '/vo/b']);
  });
});
