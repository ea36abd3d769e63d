import fc from 'fast-check';
import { lfnFault, type Lfn } from '../../src/domain/index.js';

const segment = fc
  .oneof(
    fc.stringMatching(/^[a-zA-Z0-9._ +%;:@=&~-]{1,20}$/),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.constantFrom('...', '..a', 'a..', '%2e%2e', '%2F', ' ', '&lt;', '\u202e'),
  )
  .filter((text) => !/[/\\?#\p{Cc}]/u.test(text) && text !== '.' && text !== '..');

/** Canonical LFNs of every kind of character. */
export const anyLfn = fc
  .array(segment, { minLength: 1, maxLength: 8 })
  .map((segments) => `/${segments.join('/')}`)
  .filter((text) => lfnFault(text) === undefined)
  .map((text) => text as Lfn);
