import { DiracS3Error } from '@dirac-s3/core';
import { restPaths } from '@dirac-s3/core/rest-api';
import { z } from 'zod';
import { publicOperation } from '../operation.js';

const healthAnswerSchema = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });

const readyAnswerSchema = z
  .strictObject({
    status: z.literal('ok'),
    configuration: z
      .strictObject({
        central: z
          .enum(['local', 'current', 'stale', 'missing'])
          .describe(
            'local: files only; current: a Configuration server answered the last question; stale: none did, and an older answer goes on; missing: none ever did',
          ),
        version: z.string().optional().describe('Version of the central configuration.'),
        fetchedAt: z.iso.datetime().optional().describe('Last time a Configuration server answered.'),
      })
      .describe('How fresh the configuration is; why it is not stands in the log.'),
  })
  .meta({ id: 'Ready' });

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
  description:
    'The File Catalog answers and StorageElements are loaded; otherwise 503, and a balancer should send requests elsewhere. An old ' +
    'configuration is served on, and said so.',
  answer: readyAnswerSchema,
  handle: async ({ storageElements, pingCatalog, configurationState }) => {
    if (!storageElements.all().some((element) => element.access === 'direct')) {
      throw new DiracS3Error('gateway-unavailable', 'no S3 StorageElement with credentials is loaded');
    }
    await pingCatalog();
    const { central, version, fetchedAt } = configurationState();
    return {
      status: 'ok' as const,
      configuration: { central, ...(version !== undefined && { version }), ...(fetchedAt && { fetchedAt: fetchedAt.toISOString() }) },
    };
  },
});
