import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { format, resolveConfig } from 'prettier';
import { conformance } from './cases/index.js';
import { renderReferencePage } from './reference-page.js';

const file = fileURLToPath(new URL('../../../../docs/reference/store-conformance.md', import.meta.url));

it('is what the reference page says', async () => {
  const page = await format(renderReferencePage(), { ...(await resolveConfig(file)), parser: 'markdown' });
  if (process.env.DIRAC_S3_WRITE_REFERENCE === '1') writeFileSync(file, page);
  expect(readFileSync(file, 'utf8')).toBe(page);
});

it('has no two cases of one name in a group, so that a red one can be found', () => {
  for (const { cases } of conformance) {
    const names = cases.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  }
});
