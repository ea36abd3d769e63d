import { describe, expect, it } from '@jest/globals';
import type { FileMetadata } from '@dirac-s3/core/ports';
import { UsageError } from '../src/exit-codes.js';
import { parseConditions } from '../src/parse/conditions.js';

const file: FileMetadata = {
  sizeBytes: 1000,
  checksum: '0a1b2c3d',
  checksumType: 'Adler32',
  guid: 'C0191E52-67D5-044C-1F1A-69407BDDAE02',
  owner: 'alice',
  ownerGroup: 'demo_user',
  mode: 0o644,
  status: 'AprioriGood',
  createdAt: new Date('2026-03-01T10:00:00Z'),
  modifiedAt: new Date('2026-03-02T00:00:00Z'),
};

describe('conditions on files', () => {
  it.each([
    ['Size=1000', true],
    ['Size!=1000', false],
    ['Size>999', true],
    ['Size>1000', false],
    ['Size>=1000', true],
    ['Size<1000', false],
    ['Size<=1000', true],
    ['Size < 1001', true],
    ['CreationDate<2026-03-02', true],
    ['CreationDate>2026-03-01', true],
    ['CreationDate=2026-03-01 10:00:00', true],
    ['CreationDate=2026-03-01T10:00', true],
    ['ModificationDate>2026-03-02', false],
    ['Owner=alice', true],
    ['Owner!=alice', false],
    ['OwnerGroup=demo_user', true],
    ['Status=AprioriGood', true],
    ['GUID=c0191e52-67d5-044c-1f1a-69407bddae02', true],
    ['Checksum=0A1B2C3D', true],
  ])('%s: %j', (spec, expected) => {
    expect(parseConditions([spec]).holds(file)).toBe(expected);
  });

  it('must all hold, and none is no restriction', () => {
    expect(parseConditions(['Size>1', 'Owner=bob']).holds(file)).toBe(false);
    expect(parseConditions([]).holds(file)).toBe(true);
  });

  it('name the directory and the StorageElements, too', () => {
    expect(parseConditions(['Path=/vo/x', 'SE=A, B', 'SE=C'])).toMatchObject({ path: '/vo/x', storageElements: ['A', 'B', 'C'] });
    expect(parseConditions([])).toMatchObject({ path: undefined, storageElements: undefined });
  });

  it.each([
    ['Colour=red'],
    ['constructor=1'],
    ['size=1'],
    ['Size'],
    ['Size='],
    ['Size>big'],
    ['Size>-1'],
    ['Size>1e3'],
    ['CreationDate<yesterday'],
    ['CreationDate<2026-13-01'],
    ['CreationDate<2026-1-1'],
    ['Path!=/vo'],
    ['SE>A'],
  ])('refuses %s', (spec) => {
    expect(() => parseConditions([spec])).toThrow(UsageError);
  });
});
