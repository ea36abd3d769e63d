import { describe, expect, it } from '@jest/globals';
import { formatTable } from '../../src/output/table.js';

/** Expected texts follow `DIRAC.Core.Utilities.PrettyPrint.printTable` with `numbering=False`. */
describe("DIRAC's table", () => {
  const header = ['LFN', 'StorageElement', 'URL'];

  it('has a line of "=" as long as the header text, and an empty line at the end', () => {
    const rows = [
      ['/vo/a.bin', 'CERN-S3', 's3://s3.example.org/bucket/vo/a.bin'],
      ['', 'RAL-S3', 's3://s3.example.com/bucket/vo/a.bin'],
      ['/vo/missing', 'Unknown', 'No such file or directory'],
    ];
    expect(formatTable(header, rows)).toBe(
      [
        'LFN         StorageElement URL',
        '==============================',
        '/vo/a.bin   CERN-S3        s3://s3.example.org/bucket/vo/a.bin',
        '            RAL-S3         s3://s3.example.com/bucket/vo/a.bin',
        '/vo/missing Unknown        No such file or directory',
        '',
        '',
      ].join('\n'),
    );
  });

  it('says so when there is nothing to show', () => {
    expect(formatTable(header, [])).toBe('No output\n');
  });

  it('aligns whole numbers to the right, with commas too, and everything else to the left', () => {
    expect(
      formatTable(
        ['Size', 'Name'],
        [
          ['7', '12'],
          ['1,024', 'b'],
          ['x9', ''],
        ],
      ),
    ).toBe(['Size  Name', '==========', '    7   12', '1,024 b', 'x9    ', '', ''].join('\n'));
  });

  it('shows control characters of foreign names instead of sending them to the terminal', () => {
    expect(formatTable(['URL'], [['s3://x/\u001b[2Jy']])).toContain('s3://x/\\u001b[2Jy');
  });
});
