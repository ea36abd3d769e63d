import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';

/** What a sealed text is for: a key that seals for one purpose opens nothing for another. Letters and digits. */
export type SealPurpose = 'probe1' | 'upload1';

/**
 * A text that any gateway with the same keys opens again: `<purpose>.<text>.<HMAC-SHA256>`, in base64url. The text is not hidden, only
 * protected against change. The first key seals.
 */
export function sealText(purpose: SealPurpose, text: string, [key]: readonly Secret[]): string {
  if (key === undefined) throw new DiracS3Error('internal', 'there is no key to seal with');
  const payload = Buffer.from(text).toString('base64url');
  return `${purpose}.${payload}.${signatureOf(purpose, payload, key)}`;
}

/**
 * The text that was sealed with one of the keys, or undefined. All keys are tried whichever fits, and signatures are compared in constant
 * time, so that the time taken tells nothing.
 */
export function openSealedText(purpose: SealPurpose, sealed: string, keys: readonly Secret[]): string | undefined {
  const [start, payload = '', signature = '', ...more] = sealed.split('.');
  const wellMade =
    start === purpose && more.length === 0 && /^[A-Za-z0-9_-]{1,16000}$/.test(payload) && /^[A-Za-z0-9_-]{43}$/.test(signature);
  const given = Buffer.from(signature.slice(0, 43).padEnd(43));
  const fitting = keys.filter((key) => timingSafeEqual(Buffer.from(signatureOf(purpose, payload, key)), given));
  return wellMade && fitting.length > 0 ? Buffer.from(payload, 'base64url').toString('utf8') : undefined;
}

function signatureOf(purpose: SealPurpose, payload: string, key: Secret): string {
  return createHmac('sha256', key.reveal()).update(`dirac-s3 ${purpose}\0${payload}`).digest('base64url');
}
