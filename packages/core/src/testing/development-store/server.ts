import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { corsHeaders, preflight } from './cors.js';
import { S3Error } from './errors.js';
import { bodyOf, delayOf, type Fault, type FaultHook } from './faults.js';
import { type Reply, xmlReply } from './operation.js';
import { route } from './router.js';
import type { StoreContext } from './store-context.js';
import { readStoreRequest } from './store-request.js';

/** An HTTP server in front of the router; every refusal becomes S3's XML. */
export function createStoreServer(context: StoreContext, faults: FaultHook): Server {
  const server = createServer({ keepAliveTimeout: 5_000, maxHeaderSize: 64 * 1024 });
  const serve = (incoming: IncomingMessage, response: ServerResponse, waitsForContinue: boolean): void => {
    new Exchange(incoming, response, { context, waitsForContinue, fault: chooseFault(faults, incoming) })
      .run()
      .catch(() => response.destroy());
  };
  server.on('request', (incoming, response) => serve(incoming, response, false));
  // The signature is judged before the client is told to send its body.
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => serve(incoming, response, true));
  return server;
}

function chooseFault(faults: FaultHook, { method = '', url = '', headers }: IncomingMessage): Fault | undefined {
  return faults({ method, target: url, headers });
}

interface Circumstances {
  readonly context: StoreContext;
  readonly waitsForContinue: boolean;
  readonly fault: Fault | undefined;
}

/** One request and its answer. */
class Exchange {
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #circumstances: Circumstances;
  #bodyWanted: boolean;

  constructor(incoming: IncomingMessage, response: ServerResponse, circumstances: Circumstances) {
    this.#incoming = incoming;
    this.#response = response;
    this.#circumstances = circumstances;
    this.#bodyWanted = !circumstances.waitsForContinue;
    response.on('error', () => undefined);
  }

  async run(): Promise<void> {
    const { context, fault } = this.#circumstances;
    await delayOf(fault);
    let origin: Record<string, string> = {};
    let reply: Reply;
    try {
      const request = readStoreRequest(this.#incoming, this.#body());
      origin = corsHeaders(request, context);
      if (fault?.kind === 'answer') reply = errorReply(fault.code ?? 'InternalError', 'A fault was asked for.', fault.status ?? 500);
      else reply = request.method === 'OPTIONS' ? preflight(request, context) : await route(request, context);
    } catch (error) {
      if (this.#incoming.destroyed && !this.#incoming.complete) return void this.#response.destroy();
      reply = error instanceof S3Error ? errorReply(error.code, error.message, error.status) : internalError(error);
    }
    await this.#send({
      ...reply,
      headers: { ...reply.headers, ...origin, 'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase() },
    });
  }

  #body(): AsyncIterable<Buffer> {
    return bodyOf(this.#incoming, this.#circumstances.fault, () => {
      if (!this.#bodyWanted) this.#response.writeContinue();
      this.#bodyWanted = true;
    });
  }

  async #send({ status, headers, body }: Reply): Promise<void> {
    const response = this.#response;
    if (this.#circumstances.fault?.kind === 'lose-answer') return void response.destroy();
    const text = typeof body === 'string' ? Buffer.from(body) : undefined;
    const noContent = status === 204 || status === 304;
    response.writeHead(status, {
      // To a HEAD too: without a length, Node's client takes the end of the connection for the end of the answer.
      ...(noContent || (this.#incoming.method === 'HEAD' && text === undefined) ? {} : { 'content-length': text?.length ?? 0 }),
      ...headers,
      // Half-read bodies and clients that were never told to send end with their connection.
      ...(this.#incoming.complete ? {} : { connection: 'close' }),
    });
    if (typeof body === 'object') return this.#sendFile(body);
    if (text && this.#incoming.method !== 'HEAD') response.write(text);
    await this.#discardBody();
    response.end();
  }

  async #sendFile({ handle, start, length }: Exclude<Reply['body'], string | undefined>): Promise<void> {
    const { fault } = this.#circumstances;
    const cut = fault?.kind === 'break-download' && fault.afterBytes < length;
    const sent = cut ? fault.afterBytes : length;
    if (sent === 0) await handle.close();
    const bytes = sent === 0 ? Readable.from([]) : handle.createReadStream({ start, end: start + sent - 1 });
    await pipeline(bytes, this.#response, { end: !cut });
    if (!cut) return;
    // Everything before the cut reaches the client.
    this.#response.flushHeaders();
    await new Promise((resolve) => this.#response.socket?.write('', resolve));
    this.#response.destroy();
  }

  /** Lets a client that is still sending read the answer, instead of resetting its connection. */
  async #discardBody(): Promise<void> {
    const incoming = this.#incoming;
    if (!this.#bodyWanted || incoming.complete || incoming.destroyed) return;
    this.#response.flushHeaders();
    await new Promise<void>((resolve) => {
      incoming.once('end', resolve).once('close', resolve).resume();
    });
  }
}

function errorReply(code: string, message: string, status: number): Reply {
  return xmlReply(
    [
      'Error',
      [
        ['Code', code],
        ['Message', message],
      ],
    ],
    status,
  );
}

function internalError(error: unknown): Reply {
  return errorReply('InternalError', error instanceof Error ? error.message : String(error), 500);
}
