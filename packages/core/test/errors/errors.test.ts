import { describe, expect, test } from '@jest/globals';
import { DiracS3Error, errorKind, errorTable, failure, failureOf, isErrorCode, toError, type ErrorCode } from '../../src/errors/index.js';

const codes = Object.keys(errorTable) as ErrorCode[];

describe('the error table', () => {
  test.each(codes)('%s is complete', (code) => {
    const { errno, httpStatus, title, remedy } = errorKind(code);
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(errno).toBeGreaterThan(0);
    expect(httpStatus).toBeGreaterThanOrEqual(400);
    expect(httpStatus).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(remedy).toMatch(/^[A-Z`].*\.$/);
  });

  test('what may be tried again is a fault of a server, never of the request', () => {
    for (const code of codes) if (errorKind(code).retryable) expect(errorKind(code).httpStatus).toBeGreaterThanOrEqual(500);
  });

  test('titles are told apart', () => {
    const titles = codes.map((code) => errorKind(code).title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('knows its codes, and not the words every object knows', () => {
    for (const code of codes) expect(isErrorCode(code)).toBe(true);
    for (const word of ['', 'toString', '__proto__', 'Internal', 'no-such-code']) expect(isErrorCode(word)).toBe(false);
  });
});

describe('DiracS3Error', () => {
  test('carries what the table says of its code', () => {
    const error = new DiracS3Error('permission-denied', 'not yours');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'DiracS3Error',
      code: 'permission-denied',
      errno: 13,
      httpStatus: 403,
      retryable: false,
      message: 'not yours',
    });
  });

  test('keeps its cause', () => {
    const cause = new Error('below');
    expect(new DiracS3Error('internal', 'above', { cause }).cause).toBe(cause);
  });

  test('takes signatures and keys out of its message', () => {
    const { message } = new DiracS3Error('storage-refused', 'GET https://h/b/k?X-Amz-Signature=abcdef0123&x=1 failed');
    expect(message).toBe('GET https://h/b/k?X-Amz-Signature=REDACTED&x=1 failed');
  });
});

describe('failures', () => {
  test('become errors and errors become failures, without loss', () => {
    const fault = failure('no-such-file', '/vo/x: none');
    expect(failureOf(toError(fault))).toEqual(fault);
    expect(toError(fault)).toMatchObject({ code: 'no-such-file', message: '/vo/x: none' });
  });

  test('what is not ours takes the fallback code, and is redacted', () => {
    expect(failureOf(new Error('aws_secret_access_key=abc'), 'storage-unavailable')).toEqual({
      code: 'storage-unavailable',
      message: 'aws_secret_access_key=REDACTED',
    });
    expect(failureOf('a text')).toEqual({ code: 'internal', message: 'a text' });
    expect(failureOf(undefined)).toEqual({ code: 'internal', message: 'undefined' });
  });
});
