import { redact } from '@dirac-s3/core';

/** The beginning of a text that a caller sent, for messages and logs. Redacted first: a token cut in two is not recognised any more. */
export function excerpt(text: string, length = 200): string {
  const safe = redact(text);
  return safe.length > length ? `${safe.slice(0, length)}…` : safe;
}
