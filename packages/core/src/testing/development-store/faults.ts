import { setTimeout as wait } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';

/** What a fault is chosen by. */
export interface FaultRequest {
  readonly method: string;
  /** As sent: path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export type Fault =
  /** Answers with this status and S3 error code, before anything is checked. Default: 500 InternalError. */
  | { readonly kind: 'answer'; readonly status?: number; readonly code?: string }
  /** Cuts the connection after so many bytes of the answer's body. */
  | { readonly kind: 'break-download'; readonly afterBytes: number }
  /** Does what it was asked to, and cuts the connection instead of answering. */
  | { readonly kind: 'lose-answer' }
  /** Cuts the connection after so many bytes of the request's body. */
  | { readonly kind: 'break-upload'; readonly afterBytes: number }
  /** Does everything as always, later. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Does everything as always, once something else is done. */
  | { readonly kind: 'wait'; readonly until: Promise<unknown> };

/** Asked once per request; undefined means no fault. A test that counts or switches keeps that in its closure. */
export type FaultHook = (request: FaultRequest) => Fault | undefined;

export async function delayOf(fault: Fault | undefined): Promise<void> {
  if (fault?.kind === 'delay') await wait(fault.milliseconds);
  if (fault?.kind === 'wait') await fault.until;
}

/** The body of a request, cut where the fault says. `begin` runs before the first byte is asked for. */
export async function* bodyOf(incoming: IncomingMessage, fault: Fault | undefined, begin: () => void): AsyncGenerator<Buffer> {
  begin();
  let size = 0;
  // A refusal in the middle of a body must still be answered, so leaving the loop does not destroy the request.
  for await (const bytes of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += bytes.length;
    if (fault?.kind === 'break-upload' && size > fault.afterBytes) {
      incoming.destroy();
      throw new Error('The connection was cut by a fault.');
    }
    yield bytes;
  }
}
