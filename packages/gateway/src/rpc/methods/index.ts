import type { RpcMethod } from '../method.js';
import { createPresignedUrl } from './create-presigned-url.js';
import { echo } from './echo.js';
import { ping } from './ping.js';
import { whoami } from './whoami.js';

/** Everything this service can be asked, by name. */
export const rpcMethods: ReadonlyMap<string, RpcMethod> = new Map(
  [createPresignedUrl, ping, echo, whoami].map((method) => [method.name, method]),
);
