import { conformance } from './cases/index.js';
import { type ConformanceCase, expectedOf } from './conformance-case.js';

/** docs/reference/store-conformance.md: what both stores do alike, and where they differ. */
export function renderReferencePage(): string {
  const cases = conformance.flatMap((group) => group.cases);
  const differing = cases.filter(differs);
  return [
    '# Store conformance',
    '',
    '<!-- Generated from packages/core/test/store-conformance/cases; see the end of the page. -->',
    '',
    `The same ${cases.length} requests, made by hand, go to the development store in \`npm test\` and to Ceph RGW in \`npm run test:real\`.`,
    `In ${cases.length - differing.length} cases both answer alike; in ${differing.length} they differ, and both answers are recorded and tested.`,
    'The development store is as strict as Amazon S3 is documented to be. Where Ceph answers `200` to what is refused there, the product must',
    'not rely on the store: that is why it signs PUT and UploadPart with a write-only key or not at all.',
    '',
    'An outcome is the HTTP status and the S3 error code, then what the owner finds under the key, and what anybody else gets.',
    '',
    ...conformance.flatMap(({ title, cases: group }) => [
      `## ${title}`,
      '',
      '| Case | Development store | Ceph RGW |',
      '| --- | --- | --- |',
      ...group.map((one) => `| ${text(one.name)} | ${outcome(one, 'development')} | ${outcome(one, 'ceph')} |`),
      '',
    ]),
    '## This page',
    '',
    'A test compares it with the cases. After a change of a case, from `packages/core`:',
    '',
    '```sh',
    'DIRAC_S3_WRITE_REFERENCE=1 node --experimental-vm-modules ../../node_modules/jest/bin/jest.js test/store-conformance/reference-page',
    '```',
    '',
  ].join('\n');
}

function differs(one: ConformanceCase): boolean {
  return expectedOf(one, 'development') !== expectedOf(one, 'ceph');
}

function outcome(one: ConformanceCase, store: 'development' | 'ceph'): string {
  const words = text(expectedOf(one, store));
  return store === 'ceph' && differs(one) ? `**${words}**` : words;
}

/** Text inside a table: nothing of it is markup. */
function text(raw: string): string {
  return raw
    .replace(/[\r\n]+/g, '⏎')
    .replace(/[\\|*_<>`[\]]/g, (character) => `\\${character}`)
    .trim();
}
