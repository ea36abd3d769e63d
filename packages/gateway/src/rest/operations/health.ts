import { DiracS3Error } from '@dirac-s3/core';
import { restPaths } from '@dirac-s3/core/rest-api';
import { z } from 'zod';
import { publicOperation } from '../operation.js';

const healthAnswerSchema = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });

export const live = publicOperation({
  id: 'live',
  method: 'get',
  path: restPaths.live,
  tag: 'health',
  summary: 'The process answers',
  description: 'Asks nothing else; an instance that does not answer should be restarted.',
  answer: healthAnswerSchema,
  handle: () => Promise.resolve({ status: 'ok' as const }),
});

export const ready = publicOperation({
  id: 'ready',
  method: 'get',
  path: restPaths.ready,
  tag: 'health',
  summary: 'The instance can serve',
  description: 'The File Catalog answers and StorageElements are loaded; otherwise 503, and a balancer should send requests elsewhere.',
  answer: healthAnswerSchema,
  handle: async ({ storageElements, pingCatalog }) => {
    if (!storageElements.all().some((element) => element.access === 'direct')) {
      throw new DiracS3Error('gateway-unavailable', 'no S3 StorageElement with credentials is loaded');
    }
    await pingCatalog();
    return { status: 'ok' as const };
  },
});
