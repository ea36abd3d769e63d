import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createPrinter } from '../../src/output/printer.js';

const text = (stream: PassThrough): string => String(stream.read() ?? '');
const broken = (code: string): Writable =>
  new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('broken'), { code })) });

describe('the printer', () => {
  it('keeps results and everything else apart', async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const printer = createPrinter({ stdout, stderr }, 'dirac-s3');
    printer.result('a\nb\n');
    printer.remark('something else');
    await printer.flush(true);
    expect(text(stdout)).toBe('a\nb\n');
    expect(text(stderr)).toBe('dirac-s3: something else\n');
  });

  it('goes on when the reader of its results went away', async () => {
    const stdout = broken('EPIPE');
    const stderr = new PassThrough();
    const printer = createPrinter({ stdout, stderr }, 'dirac-s3');
    printer.result('x'.repeat(100));
    await printer.flush(true);
    printer.result('more');
    printer.remark('still here');
    expect(await printer.flush(true)).toBe(true);
    expect(text(stderr)).toBe('dirac-s3: still here\n');
  });

  it.each(['ENOSPC', 'EIO'])('goes on when its results cannot be written (%s), and says so once', async (code) => {
    const stderr = new PassThrough();
    const printer = createPrinter({ stdout: broken(code), stderr }, 'dirac-s3');
    printer.result('x'.repeat(100));
    printer.result('y'.repeat(100));
    printer.remark('still here');
    expect(await printer.flush(false)).toBe(false);
    expect(text(stderr)).toBe(`dirac-s3: still here\ndirac-s3: standard output could not be written: ${code}\n`);
  });

  it('says among the results that the rest could not be written, unless a program reads them', async () => {
    for (const readByPeople of [true, false]) {
      const stdout = new PassThrough();
      const printer = createPrinter({ stdout, stderr: broken('ENOSPC') }, 'dirac-s3');
      printer.remark('lost');
      printer.result('{}\n');
      expect(await printer.flush(readByPeople)).toBe(false);
      expect(text(stdout)).toBe(`{}\n${readByPeople ? 'dirac-s3: standard error could not be written: ENOSPC\n' : ''}`);
    }
  });

  it('ends when both of its streams are gone, as those of a terminal are', async () => {
    const printer = createPrinter({ stdout: broken('EIO'), stderr: broken('EIO') }, 'dirac-s3');
    printer.result('lost');
    printer.remark('lost');
    expect(await printer.flush(true)).toBe(false);
  });
});
