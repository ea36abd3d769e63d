import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findToken, type TokenSources } from '../../src/credentials/find-token.js';

const userId = process.geteuid?.() ?? 0;
let directory: string;
let sources: TokenSources;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dirac-s3-token-'));
  await mkdir(join(directory, 'run'));
  await mkdir(join(directory, 'tmp'));
  sources = {
    bearerToken: undefined,
    bearerTokenFile: undefined,
    runtimeDirectory: join(directory, 'run'),
    temporaryDirectory: join(directory, 'tmp'),
    userId,
  };
});
afterEach(() => rm(directory, { recursive: true }));

const tokenFile = async (name: string, content: string, mode = 0o600): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
};
const found = async (more: Partial<TokenSources> = {}): Promise<string> => (await findToken({ ...sources, ...more })).reveal();

describe('WLCG bearer token discovery', () => {
  it('takes the first place that has one', async () => {
    await tokenFile(`tmp/bt_u${userId}`, 'from-tmp');
    expect(await found()).toBe('from-tmp');
    await tokenFile(`run/bt_u${userId}`, 'from-run');
    expect(await found()).toBe('from-run');
    const bearerTokenFile = await tokenFile('file', 'from-file');
    expect(await found({ bearerTokenFile })).toBe('from-file');
    expect(await found({ bearerTokenFile, bearerToken: ' from-environment\n' })).toBe('from-environment');
    expect(await found({ bearerTokenFile, bearerToken: 'x', tokenFile: await tokenFile('named', ' from-option \n') })).toBe('from-option');
  });

  it('passes an empty variable over', async () => {
    await tokenFile(`tmp/bt_u${userId}`, 'from-tmp');
    expect(await found({ bearerToken: '  ', bearerTokenFile: '', runtimeDirectory: '' })).toBe('from-tmp');
  });

  it('says where it looked when there is none', async () => {
    await expect(found()).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringContaining(`bt_u${userId}`) });
  });

  it('looks for no file of a user where the platform has no users', async () => {
    await tokenFile(`tmp/bt_u${userId}`, 'from-tmp');
    await expect(found({ userId: undefined })).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it.each([0o644, 0o640, 0o604, 0o660])('refuses a file others can read (%o) instead of passing it over', async (mode) => {
    await tokenFile(`run/bt_u${userId}`, 'from-run', mode);
    await tokenFile(`tmp/bt_u${userId}`, 'from-tmp');
    await expect(found()).rejects.toThrow(/can be read or changed by others; run: chmod 600/);
  });

  it('refuses a file of another user', async () => {
    const path = await tokenFile('file', 'text');
    await expect(found({ tokenFile: path, userId: userId + 1 })).rejects.toThrow(/belongs to another user/);
  });

  it('refuses a symbolic link it found, and follows one it was given', async () => {
    await symlink(await tokenFile('real', 'linked'), join(directory, `tmp/bt_u${userId}`));
    await expect(found()).rejects.toThrow(/is a symbolic link/);
    expect(await found({ tokenFile: join(directory, `tmp/bt_u${userId}`) })).toBe('linked');
  });

  it('refuses what is no regular file', async () => {
    await expect(found({ tokenFile: directory })).rejects.toThrow(/is not a regular file|cannot be read/);
  });

  it('refuses a named file that is missing', async () => {
    await expect(found({ bearerTokenFile: join(directory, 'none') })).rejects.toThrow(/none cannot be read \(ENOENT\)/);
  });

  it.each(['', ' \n', 'two words', 'line\nline', 'ümlaut', 'a"b'])(
    'refuses content that is no token (%j) without showing it',
    async (content) => {
      const failed: unknown = await found({ tokenFile: await tokenFile('file', content) }).catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 'unauthenticated' });
      if (content.trim() !== '') expect((failed as Error).message).not.toContain(content);
    },
  );

  it('gives a token that cannot be printed', async () => {
    expect(String(await findToken({ ...sources, bearerToken: 'hidden' }))).not.toContain('hidden');
  });
});
