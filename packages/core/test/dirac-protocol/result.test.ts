import { describe, expect, test } from '@jest/globals';
import { DiracS3Error } from '../../src/errors/index.js';
import { decodeJson, DiracServiceError, encodeJson, parseResult, sError, sOk, strerror } from '../../src/dirac-protocol/index.js';

describe('S_OK and S_ERROR', () => {
  test('S_OK has its value even when there is none', () => {
    expect(encodeJson(sOk(null))).toBe('{"OK": true, "Value": null}');
  });

  // Recorded answers of the real server.
  test.each([
    [22, 'urls has to be a dict <url:fields>', 'Invalid argument ( 22 : urls has to be a dict <url:fields>)'],
    [13, 'No access to https://h/F', 'Permission denied ( 13 : No access to https://h/F)'],
    [38, 'x is not implemented', 'Function not implemented ( 38 : x is not implemented)'],
    [1111, 'Unauthorized query', 'Unauthorized query ( 1111 : Unauthorized query)'],
    [0, 'as it is', 'as it is'],
    [9999, 'odd', 'Unknown error 9999 ( 9999 : odd)'],
  ])('S_ERROR %i puts the text of the number in front', (errno, text, message) => {
    expect(sError(errno, text)).toEqual({ OK: false, Errno: errno, Message: message });
  });

  test('the number of nothing', () => {
    expect(strerror(0)).toBe('Undefined error');
  });

  test('the value of an S_OK comes out', () => {
    expect(parseResult(decodeJson('{"OK": true, "Value": {"Successful": {}}}'))).toEqual(decodeJson('{"Successful": {}}'));
    expect(parseResult(decodeJson('{"OK": true}'))).toBeNull();
  });

  test('an S_ERROR is thrown with the number and the message of the service', () => {
    const fault = errorOf('{"OK": false, "Errno": 1111, "Message": "Unauthorized query ( 1111 : x)", "CallStack": ["a"]}');
    expect(fault).toBeInstanceOf(DiracServiceError);
    expect(fault).toMatchObject({ code: 'service-error', errno: 1111, message: 'Unauthorized query ( 1111 : x)' });
  });

  test('an S_ERROR without number or message is one all the same', () => {
    expect(errorOf('{"OK": false}')).toMatchObject({ code: 'service-error', errno: 0, message: 'the service gave no reason' });
    expect(errorOf('{"OK": false, "Errno": "13", "Message": 5}')).toMatchObject({ errno: 0, message: 'the service gave no reason' });
    expect(errorOf(`{"OK": false, "Message": "${'x'.repeat(100_000)}"}`).message).toHaveLength(2000);
  });

  test.each(['null', '[]', '{}', '{"OK": 1, "Value": true}', '{"OK": "true", "Value": true}', '"OK"', 'true', '{"Value": true}'])(
    'what is neither is no answer: %s',
    (text) => {
      expect(errorOf(text).code).toBe('service-unavailable');
    },
  );
});

function errorOf(text: string): DiracS3Error {
  try {
    parseResult(decodeJson(text));
  } catch (thrown) {
    if (thrown instanceof DiracS3Error) return thrown;
  }
  throw new Error('no error of ours');
}
