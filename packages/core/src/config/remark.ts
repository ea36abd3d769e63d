import type { ConfigRemark } from './types.js';

/** A remark as one line: where it was read, which option, what is the matter. */
export function formatRemark({ path, message, source }: ConfigRemark): string {
  // It is about no place at all.
  if (source === undefined && path === '/') return message;
  return `${source === undefined ? '' : `${source}: `}${path}: ${message}`;
}
