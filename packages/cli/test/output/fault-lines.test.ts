import { describe, expect, it } from '@jest/globals';
import { failure } from '@dirac-s3/core';
import { faultLine, hintsFor } from '../../src/output/fault-lines.js';

describe('the line of a failed item', () => {
  it('names the LFN, the title of the error, the reason and the code', () => {
    expect(faultLine(failure('permission-denied', 'you are not the owner'), '/vo/x')).toBe(
      '/vo/x: Permission denied: you are not the owner (permission-denied)',
    );
  });

  it.each(['/vo/x: is gone', '"/vo/x": is gone'])('does not say the name twice (%s)', (message) => {
    expect(faultLine(failure('no-such-file', message), '/vo/x')).toBe('/vo/x: No such file or directory: is gone (no-such-file)');
  });

  it('does not say the title twice', () => {
    expect(faultLine(failure('no-such-file', 'No such file or directory'), '/x')).toBe('/x: No such file or directory (no-such-file)');
  });

  it('keeps to one line, whatever the name holds', () => {
    const line = faultLine(failure('invalid-lfn', 'bad\nsecond'), '/a\r\n\u001b[31mb');
    expect(line).toBe('/a\\u000d\\u000a\\u001b[31mb: Invalid LFN: bad\\u000asecond (invalid-lfn)');
  });

  it('shows no signature', () => {
    expect(faultLine({ code: 'storage-refused', message: `https://s3/x?X-Amz-Signature=${'a'.repeat(64)}` })).not.toContain('aaaa');
  });
});

describe('hints', () => {
  it('come once for each kind, those of the command first', () => {
    expect(hintsFor(['file-exists', 'file-exists', 'no-such-file'], { 'file-exists': '--force replaces it' })).toEqual([
      '--force replaces it',
    ]);
    expect(hintsFor(['gateway-unavailable']).join()).toContain('S3Gateway');
    expect(hintsFor(['gateway-unavailable'], { 'gateway-unavailable': 'other' })).toEqual(['other']);
  });

  it('do not guess which credential is wrong: the message says it', () => {
    expect(hintsFor(['unauthenticated'])).toEqual([]);
  });
});
