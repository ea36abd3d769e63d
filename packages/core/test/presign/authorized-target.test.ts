import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { AuthorizedTarget, TargetFacts } from '../../src/ports/index.js';
import * as presign from '../../src/presign/index.js';
import { targetOf } from '../adapters/s3/targets.js';

test('the signer does not take a target without a decision, by type', () => {
  const facts: TargetFacts = { ...targetOf('/vo/a') };
  // @ts-expect-error facts are not an authorised target
  const unsigned: AuthorizedTarget = facts;
  expect(unsigned).toBe(facts);
});

test('only the authorisation steps can make an authorised target, and the package does not export the way', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url));
  const users = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        file.endsWith('.ts') &&
        /\bas (?:unknown as )?AuthorizedTarget\b|authorized-target\.js/.test(readFileSync(join(root, file), 'utf8')),
    )
    .sort();
  expect(users).toEqual([
    'presign/authorize-by-token.ts',
    'presign/authorize-targets.ts',
    'presign/authorized-target.ts',
    'presign/direct-multipart-uploads.ts',
    'presign/direct-url-source.ts',
  ]);
  expect(Object.keys(presign).sort()).toEqual([
    'createDirectMultipartUploads',
    'createDirectStoredObjects',
    'createDirectUrlSource',
    'createListObjects',
    'createPresignUrls',
    'createUploadSessions',
    'openSealedText',
    'sealText',
  ]);
});
