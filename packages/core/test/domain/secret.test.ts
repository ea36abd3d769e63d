import { format, inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/domain/index.js';

const text = 'wJalrXUtnFEMIK7MDENG';
const secret = new Secret(text);

describe('a secret', () => {
  test('is given away by reveal and by nothing else', () => {
    expect(secret.reveal()).toBe(text);
  });

  test.each<[string, () => string]>([
    ['toString', () => secret.toString()],
    ['String()', () => String(secret)],
    ['a template', () => `the key ${secret as unknown as string}`],
    ['concatenation', () => 'x' + (secret as unknown as string)],
    ['JSON', () => JSON.stringify({ deep: [secret] })],
    ['inspect', () => inspect({ deep: { deeper: { deepest: [secret] } } }, { depth: null, showHidden: true })],
    ['inspect without its own printer', () => inspect(secret, { customInspect: false, showHidden: true, getters: true })],
    ['util.format', () => format('%s %o %j %O', secret, secret, secret, secret)],
    ['spread', () => inspect(Object.assign({}, secret))],
    ['Object.entries', () => inspect(Object.entries(secret))],
    ['its own property names', () => inspect(Reflect.ownKeys(secret).map((key) => Reflect.get(secret, key) as unknown))],
    ['a structured clone', () => inspect(structuredClone(secret))],
    ['an error with it as cause', () => inspect(new Error('x', { cause: secret }))],
    ['a Map', () => inspect(new Map([['key', secret]]))],
    ['toLocaleString', () => secret.toLocaleString()],
  ])('is not shown by %s', (_, print) => {
    expect(print()).not.toContain(text);
    expect(print()).not.toContain('wJalr');
  });

  test('says what it is where it is printed', () => {
    expect(String(secret)).toBe('[secret]');
    expect(JSON.stringify(secret)).toBe('"[secret]"');
    expect(inspect(secret)).toBe('[secret]');
  });

  test('may be empty', () => expect(new Secret('').reveal()).toBe(''));
});
