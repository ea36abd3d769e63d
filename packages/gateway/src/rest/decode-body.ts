import { DiracS3Error } from '@dirac-s3/core';
import type { z } from 'zod';
import { excerpt } from '../excerpt.js';

/** Longest piece of a message that repeats what the caller sent. */
const maxEcho = 300;

/**
 * Bytes of a request to the checked body of an operation, or a refusal that names the field and its fault.
 * Strict: UTF-8 only (a replaced character would be another LFN), JSON only, unknown fields refused by the schemas.
 */
export function decodeBody(bytes: Uint8Array, schema: z.ZodType, maxItems: number): unknown {
  const body = parseJson(bytes);
  refuseLongLists(body, maxItems);
  const outcome = schema.safeParse(body);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  throw new DiracS3Error('invalid-argument', issue ? describe(issue) : 'the body is not acceptable');
}

function parseJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DiracS3Error('invalid-argument', 'the body is not valid UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (fault) {
    // The engine's message may quote the body; only the place is taken from it.
    const place = fault instanceof Error ? /at position \d+(?: \(line \d+ column \d+\))?/.exec(fault.message)?.[0] : undefined;
    throw new DiracS3Error('invalid-argument', `the body is not valid JSON${place === undefined ? '' : `, ${place}`}`);
  }
}

/** Before the schema looks at every item: refusing a million items must not cost a million checks. */
function refuseLongLists(body: unknown, maxItems: number): void {
  if (typeof body !== 'object' || body === null) return;
  for (const [field, value] of Object.entries(body)) {
    if (Array.isArray(value) && value.length > maxItems) {
      throw new DiracS3Error('too-many-items', `${excerpt(field)}: ${value.length} items, this gateway accepts ${maxItems}`);
    }
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
  return excerpt(`${path === '' ? 'body' : path}: ${issue.message}`, maxEcho);
}
