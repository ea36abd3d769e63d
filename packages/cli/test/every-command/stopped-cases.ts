import { literally, type Cases } from './case.js';
import { largeBytes } from './command-world.js';

const none = /no transfer of that ID, LFN or local file was stopped/;
const describedAs = '(download of \\S+/large from DEMO-S3 to \\S+)';

/** Of transfers that stopped before they were done. */
export const stoppedCases: Cases = {
  'transfers list': {
    wrong: { words: ['transfers', 'list', 'nowhere'], says: /nowhere is no directory/ },
    words: async (world) => ['transfers', 'list', await world.stoppedDownload()],
    text: () => /^ID +Direction +State .*\n=+\n[0-9a-f]{8} +download +stopped .* DEMO-S3 .*\/large\n\n$/,
    json: () => ({ transfers: [{ direction: 'download', state: 'stopped', storageElement: 'DEMO-S3', sizeBytes: largeBytes }] }),
    fails: { words: ['transfers', 'list', 'nowhere'], says: /nowhere is no directory/, code: 2 },
  },
  'transfers resume': {
    wrong: { words: ['transfers', 'resume'], says: /name transfers, or say --all/ },
    words: async (world) => ['transfers', 'resume', `${await world.stoppedDownload()}/large`],
    text: ([, , path]) => new RegExp(`/large -> \\S*${literally(path!)}: ${largeBytes} bytes, Adler-32 [0-9a-f]{8}\n$`),
    json: () => ({ successful: [{ direction: 'download', sizeBytes: largeBytes }], failed: [] }),
    fails: { words: ['transfers', 'resume', 'nothing'], says: none, code: 1 },
  },
  'transfers abort': {
    wrong: { words: ['transfers', 'abort'], says: /TRANSFER is missing/ },
    words: async (world) => ['transfers', 'abort', `${await world.stoppedDownload()}/large`],
    text: () => new RegExp(`^gave up the ${describedAs}\n$`),
    json: () => ({ successful: [{ direction: 'download', sizeBytes: largeBytes }], failed: [] }),
    fails: { words: ['transfers', 'abort', 'nothing'], says: none, code: 1 },
  },
  'transfers clean': {
    wrong: { words: ['transfers', 'clean', '--older-than', 'long'], says: /--older-than must be an age/ },
    words: async (world) => ['transfers', 'clean', await world.stoppedDownload(), '--older-than', '0'],
    text: () => new RegExp(`^gave up the ${describedAs}\n$`),
    json: () => ({ successful: [{ direction: 'download', sizeBytes: largeBytes }], failed: [] }),
    fails: { words: ['transfers', 'clean', '--below', '/demo', '--se', 'NO-SE'], says: /NO-SE/, code: 1 },
  },
};
