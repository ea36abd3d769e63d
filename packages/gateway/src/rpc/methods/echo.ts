import { sOk } from '@dirac-s3/core/dirac-protocol';
import type { RpcMethod } from '../method.js';

/** Its one argument. */
export const echo: RpcMethod = { name: 'echo', parameters: ['data'], run: ({ args: [data = null] }) => sOk(data) };
