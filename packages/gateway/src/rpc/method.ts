import type { DiracResult, DiracValue } from '@dirac-s3/core/dirac-protocol';
import type { Caller } from '../auth/index.js';
import type { Services } from '../services.js';

/** One call, after authentication: the arguments have the number the method takes, and nothing else is known of them. */
export interface RpcCall {
  readonly args: readonly DiracValue[];
  readonly caller: Caller;
  readonly requestId: string;
  readonly services: Services;
  readonly service: ServiceFacts;
}

/** What the process knows of itself. */
export interface ServiceFacts {
  /** `DataManagement/S3Gateway`, as asked. */
  readonly name: string;
  readonly version: string;
  readonly now: Date;
  readonly maxItems: number;
}

/** A method of the service, as the DIRAC client names it: without `export_`. */
export interface RpcMethod {
  readonly name: string;
  /** Names of the arguments, for messages: DIRAC sends them by position. */
  readonly parameters: readonly string[];
  /** S_OK or S_ERROR; what it throws becomes S_ERROR too, unless another gateway could do better. */
  readonly run: (call: RpcCall) => DiracResult | Promise<DiracResult>;
}
