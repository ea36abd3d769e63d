import { diracObject, sOk } from '@dirac-s3/core/dirac-protocol';
import type { RpcMethod } from '../method.js';

/** The caller's credentials as this service understood them. */
export const whoami: RpcMethod = {
  name: 'whoami',
  parameters: [],
  run: ({ caller }) => sOk(diracObject(Object.entries(caller.credentials))),
};
