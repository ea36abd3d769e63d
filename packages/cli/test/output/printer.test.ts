import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createPrinter } from '../../src/output/printer.js';

const text = (stream: PassThrough): string => String(stream.read() ?? '');

describe('the printer', () => {
  it('keeps results and everything else apart', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const printer = createPrinter({ stdout, stderr }, 'dirac-s3');
    printer.result('a\nb\n');
    printer.remark('something else');
    await printer.flush();
    expect(text(stdout)).toBe('a\nb\n');
    expect(text(stderr)).toBe('dirac-s3: something else\n');
  });

  it('goes on when the reader of its results went away', async () => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })) });
    const stderr = new PassThrough();
    const printer = createPrinter({ stdout, stderr }, 'dirac-s3');
    printer.result('x'.repeat(100));
    await printer.flush();
    printer.result('more');
    printer.remark('still here');
    await printer.flush();
    expect(text(stderr)).toBe('dirac-s3: still here\n');
  });
});
