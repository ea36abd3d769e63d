import { DiracS3Error, type Identity } from '@dirac-s3/core';
import type { z } from 'zod';
import type { Description, Services } from '../services.js';

/** What one request brings to an operation, decoded and checked. */
export interface Call {
  readonly body: unknown;
  /** Undefined only for operations whose guard is `public`. */
  readonly identity: Identity | undefined;
  readonly requestId: string;
}

/** One endpoint: the router, the OpenAPI document, the reference page and the guard test are all made of these. */
export interface Operation {
  /** `operationId` of the OpenAPI document. */
  readonly id: string;
  readonly method: 'get' | 'post';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly tag: 'presign' | 'catalog' | 'information' | 'health';
  readonly summary: string;
  readonly description: string;
  readonly guard: 'authenticated' | 'public';
  /** Method whose `Authorization` rule lets callers in: that of the RPC call which does the same, else `Default`. */
  readonly rule: string;
  /** Schema of the JSON body; undefined when the operation takes none. */
  readonly body: z.ZodType | undefined;
  /** Schema of the JSON answer, or a page for people. */
  readonly answer: z.ZodType | 'html';
  readonly run: (call: Call, services: Services & Description) => Promise<unknown>;
}

type Words = Pick<Operation, 'id' | 'method' | 'path' | 'tag' | 'summary' | 'description'>;

interface AuthenticatedSpec<Body extends z.ZodType, Answer extends z.ZodType> extends Words {
  readonly body?: Body;
  readonly rule?: string;
  readonly answer: Answer;
  readonly handle: (
    call: { readonly body: z.output<Body>; readonly identity: Identity; readonly requestId: string },
    services: Services,
  ) => Promise<z.input<Answer>>;
}

/** An operation for proven callers: its handler cannot be reached without an identity. */
export function authenticatedOperation<Body extends z.ZodType, Answer extends z.ZodType>(spec: AuthenticatedSpec<Body, Answer>): Operation {
  const { handle, body, rule = 'Default', ...words } = spec;
  return {
    ...words,
    guard: 'authenticated',
    rule,
    body,
    run: async ({ body: checked, identity, requestId }, services) => {
      if (!identity) throw new DiracS3Error('unauthenticated', 'this operation needs an authenticated caller');
      // The decoder has just checked the body with this operation's own schema.
      return handle({ body: checked as z.output<Body>, identity, requestId }, services);
    },
  };
}

interface PublicSpec<Answer extends z.ZodType | 'html'> extends Words {
  readonly answer: Answer;
  readonly handle: (services: Services & Description) => Promise<Answer extends z.ZodType ? z.input<Answer> : string>;
}

/** An operation anybody may call: it learns nothing of the caller and takes no body. */
export function publicOperation<Answer extends z.ZodType | 'html'>(spec: PublicSpec<Answer>): Operation {
  const { handle, ...words } = spec;
  return { ...words, guard: 'public', rule: 'Default', body: undefined, run: (_call, services) => handle(services) };
}
