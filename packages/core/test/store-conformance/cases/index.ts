import type { CaseGroup } from '../conformance-case.js';
import { attackCases } from './attacks.js';
import { bodyCases } from './bodies.js';
import { bucketCases } from './buckets.js';
import { copyCases } from './copies.js';
import { multipartCases } from './multipart.js';
import { objectCases } from './objects.js';
import { postCases } from './post.js';
import { presignedCases } from './presigned.js';
import { signedHeaderCases } from './signed-header.js';

/** Everything both stores are held to. */
export const conformance: readonly CaseGroup[] = [
  presignedCases,
  signedHeaderCases,
  bodyCases,
  postCases,
  attackCases,
  objectCases,
  multipartCases,
  copyCases,
  bucketCases,
];
