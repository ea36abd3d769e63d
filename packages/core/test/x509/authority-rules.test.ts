import { describe, expect, test } from '@jest/globals';
import { authorityFault } from '../../src/x509/authority-rules.js';
import { readCertificate } from '../../src/x509/certificate.js';
import { basicConstraints, proxyCertInfo } from './maker/extensions.js';
import { make, now, type Change } from './maker/world.js';

const limits = { now, minRsaBits: 2048 };
const faultOf = (change: Change, below = 0) => authorityFault(readCertificate(make('root', change), 'it'), below, limits);

/** The rules of the path alone: trust stores and the order of a chain turn most of these away before. */
describe('an authority', () => {
  test('may issue', () => expect(faultOf({})).toBeUndefined());

  test.each([undefined, basicConstraints(false)])('may not when it is no CA', (constraints) => {
    expect(faultOf({ extensions: { basicConstraints: constraints } })).toBe('it is not a CA (basicConstraints)');
  });

  test('may not when it is a proxy', () => {
    expect(faultOf({ extensions: { proxyCertInfo: proxyCertInfo() } })).toBe('it is not a CA (basicConstraints)');
  });

  test.each([
    [0, 0, true],
    [0, 1, false],
    [2, 2, true],
    [2, 3, false],
    [undefined, 9, true],
  ])('with path length %s and %d authorities below: %s', (pathLength, below, allowed) => {
    const fault = faultOf({ extensions: { basicConstraints: basicConstraints(true, pathLength) } }, below);
    expect(fault).toBe(allowed ? undefined : `it allows ${pathLength!} authorities below it and has ${below}`);
  });
});
