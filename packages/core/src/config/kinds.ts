import { DiracS3Error } from '../errors/index.js';
import { splitList } from './cfg/text.js';
import { isSecretOption, type CfgOption, type CfgSection } from './cfg/tree.js';

/** How the text of an option becomes a value: a word for the reference page, and the reader. */
export interface Kind<Value> {
  readonly type: string;
  /** The value, or what is wrong with the text: the rest of a sentence that starts with the option ("must be …"). */
  readonly read: (text: string) => { readonly value: Value } | { readonly fault: string };
  /** True when an empty text is read too; otherwise it counts as not set. */
  readonly readsEmpty?: boolean;
}

export const text: Kind<string> = { type: 'text', read: (value) => ({ value }) };

export const list: Kind<readonly string[]> = { type: 'list', read: (value) => ({ value: splitList(value) }) };

/** DIRAC knows the true words only and takes everything else, typing errors included, for false; here that is a fault. */
export const yesNo: Kind<boolean> = {
  type: 'yes/no',
  readsEmpty: true,
  read: (value) => {
    if (/^(?:y|yes|true|1)$/i.test(value)) return { value: true };
    if (/^(?:n|no|false|0)$/i.test(value)) return { value: false };
    return { fault: `must be one of y, yes, true, 1 (yes) or n, no, false, 0 (no)${hint(value)}` };
  },
};

export function integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Kind<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? (min === Number.MIN_SAFE_INTEGER ? '' : ` of at least ${min}`) : ` from ${min} to ${max}`;
  return {
    type: `whole number${range}`,
    read: (value) => {
      const number = /^[+-]?\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
      if (Number.isSafeInteger(number) && number >= min && number <= max) return { value: number };
      return { fault: `must be a whole number${range}${hint(value)}` };
    },
  };
}

export function oneOf<Word extends string>(...words: readonly Word[]): Kind<Word> {
  return {
    type: words.map((word) => `\`${word}\``).join(' or '),
    read: (value) => {
      const word = words.find((candidate) => candidate === value);
      return word === undefined ? { fault: `must be ${words.join(' or ')}${hint(value)}` } : { value: word };
    },
  };
}

/** Text that a check finds nothing wrong with. */
export function checked(type: string, faultOf: (text: string) => string | undefined): Kind<string> {
  return {
    type,
    read: (value) => {
      const fault = faultOf(value);
      return fault === undefined ? { value } : { fault: `${fault}${hint(value)}` };
    },
  };
}

/** The two habits from other formats that end up inside values. */
export function hint(value: string): string {
  if (/^".*"$|^'.*'$/.test(value)) return '; it is written in quotes, and a CFG has no quoting';
  return /\s#/.test(value) ? '; a CFG has no trailing comments, what follows "#" is part of the value' : '';
}

/**
 * The option at a path, read as a kind; undefined when it is not set. Throws `invalid-configuration` naming the path and
 * the place it was read from.
 */
export function readAt<Value>(tree: CfgSection, path: string, kind: Kind<Value>): Value | undefined {
  const option = tree.option(path);
  if (option === undefined || (option.value === '' && kind.readsEmpty !== true)) return undefined;
  const result = kind.read(option.value);
  if ('value' in result) return result.value;
  throw new DiracS3Error('invalid-configuration', `${option.source ?? 'configuration'}: ${path} ${result.fault}${shown(option)}`);
}

/** The value of a faulty option as the end of a sentence. A secret is not quoted, nor what may hold a password: `user:password@host`. */
export function shown({ name, value }: Pick<CfgOption, 'name' | 'value'>): string {
  if (isSecretOption(name)) return '';
  return value.includes('@')
    ? ' (its value is not shown: there may be a password before the "@")'
    : ` (it is ${JSON.stringify(value.slice(0, 200))})`;
}
