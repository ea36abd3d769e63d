import { bucketFor, isOpenToVo, originOf, statusFor } from '@dirac-s3/core';
import { restPaths, storageElementsAnswerSchema } from '@dirac-s3/core/rest-api';
import { safeUploads } from '../../uploads.js';
import { authenticatedOperation } from '../operation.js';

export const storageElements = authenticatedOperation({
  id: 'listStorageElements',
  method: 'get',
  path: restPaths.storageElements,
  tag: 'information',
  summary: 'StorageElements this gateway signs for',
  description: "Those open to the caller's VO, with bucket, endpoint, access status and the ways to upload. Holds no secret.",
  answer: storageElementsAnswerSchema,
  handle: ({ identity }, { storageElements: registry, credentials }) => {
    const usable = registry.all().filter((element) => element.access === 'direct' && isOpenToVo(element, identity.vo));
    return Promise.resolve({
      storageElements: usable.map((element) => ({
        name: element.name,
        bucket: bucketFor(element, identity.vo),
        endpoint: originOf(element.publicEndpoint ?? element.endpoint),
        vos: [...element.vos],
        status: { ...statusFor(element, identity.vo) },
        uploads: safeUploads(element, credentials),
      })),
    });
  },
});
