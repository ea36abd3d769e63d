import { restPaths, whoamiAnswerSchema } from '@dirac-s3/core/rest-api';
import { authenticatedOperation } from '../operation.js';

export const whoami = authenticatedOperation({
  id: 'whoami',
  method: 'get',
  path: restPaths.whoami,
  tag: 'information',
  summary: 'Who the gateway takes the caller for',
  description: 'User and group as proven, VO and properties as the Registry gives them to the group.',
  rule: 'whoami',
  answer: whoamiAnswerSchema,
  handle: ({ identity: { username, group, vo, properties, dn, source } }) =>
    Promise.resolve({ username, group, vo, properties: [...properties], ...(dn !== undefined && { dn }), source }),
});
