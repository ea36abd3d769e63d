import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { ourCommand } from '../../src/errors/index.js';

describe('a command that is printed', () => {
  test('stays plain where a shell reads the words as they are', () => {
    expect(ourCommand('rm', '--unregistered', '/vo/user/a/alice/file_1.root', 'CERN-S3')).toBe(
      'dirac-s3 rm --unregistered /vo/user/a/alice/file_1.root CERN-S3',
    );
  });

  test.each([
    '/vo/a b',
    '/vo/$(id)',
    '/vo/`id`',
    "/vo/it's",
    '/vo/a;b',
    '/vo/a\\b',
    '/vo/a"b',
    '/vo/*',
    '/vo/\u00e9',
    '/vo/~',
    '/vo/a&b',
    '',
  ])('is read by a shell as it was meant: %j', (word) => {
    const script = `dirac_s3() { printf '%s\\n' "$#" "$@"; }; ${ourCommand('rm', word).replace('dirac-s3', 'dirac_s3')}`;
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(stdout).toBe(`2\nrm\n${word}\n`);
  });
});
