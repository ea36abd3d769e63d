import { describe, expect, it } from '@jest/globals';
import { formatListing, sortListing, type ListedName, type ListingOptions } from '../../src/output/listing.js';
import { dateText, humanSize, modeText, withCommas } from '../../src/output/units.js';

const file = (name: string, sizeBytes: number, day: number, owner = 'alice'): ListedName => ({
  name,
  metadata: {
    sizeBytes,
    checksum: '00000001',
    checksumType: 'Adler32',
    guid: '',
    owner,
    ownerGroup: 'demo_user',
    mode: 0o640,
    status: 'AprioriGood',
    createdAt: new Date(0),
    modifiedAt: new Date(Date.UTC(2026, 0, day)),
  },
  replicas: new Map([['DEMO-S3', `s3://store/bucket/${name}`]]),
});
const directory: ListedName = { name: 'sub', metadata: undefined, replicas: undefined };
const all = [file('b', 5, 3), file('a', 70_000, 2, 'benjamin'), directory];
const options: ListingOptions = { long: false, withReplicas: false, order: 'name', reverse: false, human: false, mark: false };
const names = (order: ListingOptions['order'], reverse = false): string =>
  sortListing(all, { order, reverse })
    .map(({ name }) => name)
    .join('');

describe('a listing', () => {
  it('is sorted as ls sorts', () => {
    expect([names('name'), names('name', true), names('size'), names('size', true), names('time')]).toEqual([
      'absub',
      'subba',
      'absub',
      'subba',
      'basub',
    ]);
  });

  it('is names, directories marked when that is wanted', () => {
    expect(formatListing(all, options)).toBe('a\nb\nsub\n');
    expect(formatListing(all, { ...options, mark: true })).toBe('a\nb\nsub/\n');
    expect(formatListing([], { ...options, long: true })).toBe('');
  });

  it("has DIRAC's columns", () => {
    expect(formatListing(all, { ...options, long: true })).toBe(
      [
        '-rw-r----- 1 benjamin demo_user 70000 2026-01-02 00:00:00 a',
        '-rw-r----- 1 alice    demo_user     5 2026-01-03 00:00:00 b',
        'd????????? 0 ?        ?             0                   ? sub',
        '',
      ].join('\n'),
    );
  });

  it('has those of directories that the catalog tells of, and sorts them by their dates', () => {
    const facts = { owner: 'carol', ownerGroup: 'demo_admin', mode: 0o755 };
    const directories: ListedName[] = [
      { ...directory, name: 'old', directory: { ...facts, modifiedAt: new Date(Date.UTC(2026, 0, 1)) } },
      { ...directory, name: 'undated', directory: facts },
      { ...directory, name: 'new', directory: { ...facts, modifiedAt: new Date(Date.UTC(2026, 0, 4)) } },
    ];
    expect(formatListing(directories, { ...options, long: true, order: 'time' })).toBe(
      [
        'drwxr-xr-x 0 carol demo_admin 0 2026-01-04 00:00:00 new',
        'drwxr-xr-x 0 carol demo_admin 0 2026-01-01 00:00:00 old',
        'drwxr-xr-x 0 carol demo_admin 0                   ? undated',
        '',
      ].join('\n'),
    );
  });

  it('has a line for each replica', () => {
    expect(formatListing([file('a', 1, 1)], { ...options, long: true, withReplicas: true })).toMatch(
      / a\n {3}DEMO-S3 {9}s3:\/\/store\/bucket\/a\n$/,
    );
  });

  it('shows no character that a terminal would obey', () => {
    expect(formatListing([{ ...directory, name: 'a\u001b[31mb' }], options)).toBe('a\\u001b[31mb\n');
  });
});

describe('units', () => {
  it('are powers of two', () => {
    expect([0, 1023, 1024, 1536, 5 * 1024 ** 3, 1024 ** 6, 2 ** 53].map(humanSize)).toEqual([
      '0.0B',
      '1023.0B',
      '1.0KiB',
      '1.5KiB',
      '5.0GiB',
      '1.0EiB',
      '8.0PiB',
    ]);
  });

  it('are numbers, dates and modes as DIRAC writes them', () => {
    expect([0, 999, 1000, 1234567].map(withCommas)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect(dateText(new Date('2026-11-25T19:00:01.999Z'))).toBe('2026-11-25 19:00:01');
    expect([0o755, 0o640, 0, 0o777].map(modeText)).toEqual(['rwxr-xr-x', 'rw-r-----', '---------', 'rwxrwxrwx']);
  });
});
