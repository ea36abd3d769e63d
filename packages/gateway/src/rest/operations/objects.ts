import { listedObjectsAnswerSchema, listObjectsRequestSchema, restPaths } from '@dirac-s3/core/rest-api';
import { bulkAnswer } from '../bulk.js';
import { authenticatedOperation } from '../operation.js';

export const listObjects = authenticatedOperation({
  id: 'listObjects',
  method: 'post',
  path: restPaths.listObjects,
  tag: 'presign',
  summary: 'What is stored under many names',
  description:
    'The File Catalog is asked as for `head_object`, per LFN; then the store is asked for listings of the directories of what is permitted, ' +
    'instead of a HEAD for each name. `null` says that nothing is stored under a name. Whatever a listing does not tell is a failure: send HEAD ' +
    'for that name. So fail names of a directory of which fewer than four are asked for (`unsupported-operation`), and names that too much else ' +
    'stands between (`too-many-items`).',
  rule: 'createPresignedUrl',
  body: listObjectsRequestSchema,
  answer: listedObjectsAnswerSchema,
  handle: async ({ body: { storageElement, lfns }, identity, requestId }, { listObjects: list }) =>
    bulkAnswer(await list({ storageElement, lfns, identity, requestId }), (object, lfn) => ({ lfn, object: object ?? null })),
});
