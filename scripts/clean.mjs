// @ts-check
/** Removes what builds and benchmarks made; `node_modules` stays. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

for (const name of ['core', 'gateway', 'cli']) {
  for (const made of ['dist', 'build', '.tsbuildinfo', '.turbo'])
    rmSync(join(root, 'packages', name, made), { recursive: true, force: true });
}
for (const made of ['.turbo', '.cache']) rmSync(join(root, made), { recursive: true, force: true });
