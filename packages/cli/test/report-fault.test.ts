import { describe, expect, it } from '@jest/globals';
import { DiracS3Error } from '@dirac-s3/core';
import { UsageError } from '../src/exit-codes.js';
import type { Printer } from '../src/output/printer.js';
import { reportFault } from '../src/report-fault.js';

const report = (fault: unknown, { quiet = false, json = false } = {}): { code: number; out: string; err: string[] } => {
  const said = { out: '', err: [] as string[] };
  const printer: Printer = {
    result: (text) => void (said.out += text),
    remark: (text) => void said.err.push(text),
    flush: () => Promise.resolve(true),
  };
  return { code: reportFault(fault, { printer, quiet, json }), ...said };
};

describe('a command that failed as a whole', () => {
  it('says why, how to help oneself, and ends with the code of its kind', () => {
    const { code, err, out } = report(new DiracS3Error('gateway-unavailable', 'nobody answers'));
    expect(code).toBe(4);
    expect(out).toBe('');
    expect(err).toEqual(['S3Gateway unavailable: nobody answers (gateway-unavailable)', expect.stringMatching(/^hint: .*S3Gateway/)]);
    expect(report(new DiracS3Error('gateway-unavailable', 'nobody answers'), { quiet: true }).err).toHaveLength(1);
    expect(report(new DiracS3Error('invalid-configuration', 'x')).code).toBe(3);
    expect(report(new DiracS3Error('storage-unavailable', 'x')).code).toBe(1);
  });

  it('tells programs the same as one JSON object', () => {
    const { out } = report(new DiracS3Error('gateway-unavailable', 'nobody answers'), { json: true });
    expect(JSON.parse(out)).toEqual({ error: { code: 'gateway-unavailable', message: 'nobody answers' } });
    expect(JSON.parse(report(new UsageError('which command?'), { json: true }).out)).toEqual({
      error: { code: 'usage', message: 'which command?' },
    });
  });

  it('says that the current directory is gone', () => {
    const gone = Object.assign(new Error('ENOENT: process.cwd failed'), { code: 'ENOENT', syscall: 'uv_cwd' });
    expect(report(gone)).toEqual({ code: 1, out: '', err: ['the current directory does not exist any more; go to another one'] });
    expect(JSON.parse(report(gone, { json: true }).out)).toMatchObject({ error: { code: 'local-file' } });
  });

  it('shows where a fault of its own is, without secrets, and to programs nothing of it', () => {
    const { code, err, out } = report(new Error('at https://h/b?X-Amz-Signature=abcdef0123'), { json: true });
    expect(code).toBe(1);
    expect(err[0]).toMatch(/^internal error: Error: at https/);
    expect(err[0]).not.toContain('abcdef0123');
    expect(JSON.parse(out)).toEqual({ error: { code: 'internal', message: 'internal error' } });
  });
});
