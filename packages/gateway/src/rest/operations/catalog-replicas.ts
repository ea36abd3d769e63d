import { parseLfn } from '@dirac-s3/core';
import { doneAnswerSchema, lfnsRequestSchema, replicasAnswerSchema, replicasRequestSchema, restPaths } from '@dirac-s3/core/rest-api';
import { askByEntry, askByName, bulkAnswer } from '../bulk.js';
import { authenticatedOperation } from '../operation.js';
import { done } from './catalog-files.js';

export const getReplicas = authenticatedOperation({
  id: 'getReplicas',
  method: 'post',
  path: restPaths.getReplicas,
  tag: 'catalog',
  summary: 'Replicas of files',
  description: 'Storage URL by StorageElement, as registered in the catalog.',
  body: lfnsRequestSchema,
  answer: replicasAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    const result = await askByName(body.lfns, parseLfn, (lfns) => catalog.getReplicas(lfns));
    return bulkAnswer(result, (replicas, lfn) => ({
      lfn,
      replicas: [...replicas].map(([storageElement, pfn]) => ({ storageElement, pfn })),
    }));
  },
});

export const addReplicas = authenticatedOperation({
  id: 'addReplicas',
  method: 'post',
  path: restPaths.addReplicas,
  tag: 'catalog',
  summary: 'Register further replicas of files',
  description: 'Registering a replica that is there succeeds. Each LFN once per request.',
  body: replicasRequestSchema,
  answer: doneAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    const ask = { parse: parseLfn, ask: catalog.addReplicas.bind(catalog) };
    return bulkAnswer(await askByEntry('replicas', body.replicas, ask), done);
  },
});

export const removeReplicas = authenticatedOperation({
  id: 'removeReplicas',
  method: 'post',
  path: restPaths.removeReplicas,
  tag: 'catalog',
  summary: 'Remove replicas from the catalog',
  description: 'Touches the catalog only: remove the objects first. The file stays, even without a replica. Each LFN once per request.',
  body: replicasRequestSchema,
  answer: doneAnswerSchema,
  handle: async ({ body, identity }, { catalogs }) => {
    const catalog = catalogs.catalogFor(identity);
    const ask = { parse: parseLfn, ask: catalog.removeReplicas.bind(catalog) };
    return bulkAnswer(await askByEntry('replicas', body.replicas, ask), done);
  },
});
