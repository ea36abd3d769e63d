import { describe, expect, it } from '@jest/globals';
import { failure } from '@dirac-s3/core';
import { exitCodeForError, exitCodeForItems, exitCodeMeanings, exitCodes } from '../src/exit-codes.js';

describe('exit codes', () => {
  it('are 0 only when nothing failed', () => {
    expect(exitCodeForItems({ succeeded: 3, failures: [] })).toBe(0);
    expect(exitCodeForItems({ succeeded: 3, failures: [failure('no-such-file', 'x')] })).toBe(1);
  });

  it('tell of a missing token or gateway when that stopped everything', () => {
    const down = failure('gateway-unavailable', 'x');
    expect(exitCodeForItems({ succeeded: 0, failures: [down, failure('unauthenticated', 'x')] })).toBe(4);
    expect(exitCodeForItems({ succeeded: 1, failures: [down] })).toBe(1);
    expect(exitCodeForItems({ succeeded: 0, failures: [down, failure('no-such-file', 'x')] })).toBe(1);
  });

  it('follow the error of a whole run', () => {
    expect(exitCodeForError('invalid-configuration')).toBe(3);
    expect(exitCodeForError('unauthenticated')).toBe(4);
    expect(exitCodeForError('service-unavailable')).toBe(4);
    expect(exitCodeForError('unknown-storage-element')).toBe(1);
  });

  it('each have a meaning', () => {
    expect(exitCodeMeanings.map(([code]) => code)).toEqual(Object.values(exitCodes));
  });
});
