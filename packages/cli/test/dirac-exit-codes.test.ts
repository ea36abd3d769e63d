import { describe, expect, it } from '@jest/globals';
import { DiracS3Error, failure, type Failure } from '@dirac-s3/core';
import { diracCommands } from '../src/dirac-names.js';
import { diracCodeForFault, diracCodeForItems, diracExitCodes } from '../src/dirac-exit-codes.js';
import { UsageError } from '../src/exit-codes.js';

const missing = failure('no-such-file', 'none');
const local = failure('local-file', 'none');
const codeFor = (name: string, failures: readonly Failure[], diracCodes?: ReadonlyMap<string, number>): number =>
  diracCodeForItems(name, { failures: new Map(failures.map((one, index) => [`/vo/${index}`, one])), ...(diracCodes && { diracCodes }) });

describe("DIRAC's exit codes", () => {
  it('are known for every command that has a name of DIRAC, and for no other', () => {
    expect(Object.keys(diracExitCodes).sort()).toEqual(
      diracCommands()
        .map(({ diracName }) => diracName)
        .sort(),
    );
  });

  it('are 0 when all is done, and what a shell can see', () => {
    for (const name of Object.keys(diracExitCodes)) expect(codeFor(name, [])).toBe(0);
    for (const { items, whole, usage = 1, list = 1 } of Object.values(diracExitCodes)) {
      for (const code of [items, whole, usage, list]) expect(code >= 0 && code < 256).toBe(true);
    }
  });

  it('hide failed items where DIRAC hides them, and take the last that counts', () => {
    expect(codeFor('dirac-dms-lfn-metadata', [missing])).toBe(0);
    expect(codeFor('dirac-dms-get-file', [missing])).toBe(2);
    expect(codeFor('dirac-dms-add-file', [missing, local], new Map([['/vo/1', 2]]))).toBe(2);
    expect(codeFor('dirac-dms-add-file', [local, missing])).toBe(3);
    expect(codeFor('drm', [local, missing])).toBe(2);
    expect(codeFor('drm', [missing])).toBe(0);
  });

  it('tell wrong words, an unknown option, a missing list and a wrong configuration apart', () => {
    expect(diracCodeForFault('dirac-dms-add-file', new UsageError('x'))).toBe(1);
    expect(diracCodeForFault('dirac-dms-add-file', new UsageError('x', 'option'))).toBe(2);
    expect(diracCodeForFault('dirac-dms-add-file', new UsageError('x', 'list'))).toBe(4);
    expect(diracCodeForFault('dirac-dms-get-file', new UsageError('x', 'list'))).toBe(1);
    expect(diracCodeForFault('dget', new UsageError('x'))).toBe(255);
    expect(diracCodeForFault('dget', new DiracS3Error('invalid-configuration', 'x'))).toBe(1);
    expect(diracCodeForFault('dirac-dms-catalog-metadata', new DiracS3Error('gateway-unavailable', 'x'))).toBe(255);
  });
});
