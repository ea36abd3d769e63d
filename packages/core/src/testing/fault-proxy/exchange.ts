import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { changesOf, copyBody, type Gate } from './body-changes.js';
import type { AnswerStatus, ProxyFault } from './fault-plan.js';

export interface Surroundings {
  readonly store: { readonly host: string; readonly port: number };
  readonly fault: ProxyFault | undefined;
  readonly gate: Gate | undefined;
}

/** What passed of one exchange. */
export interface Passed {
  /** The client's view: undefined when it got no answer. */
  status?: number;
  requestBytes: number;
  answerBytes: number;
}

/** One request on its way to the store, and the answer back. Never rejects: whatever is lost on one side is cut on the other. */
export class ProxyExchange {
  readonly passed: Passed = { requestBytes: 0, answerBytes: 0 };
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #around: Surroundings;
  #request: ClientRequest | undefined;

  constructor(incoming: IncomingMessage, response: ServerResponse, around: Surroundings) {
    this.#incoming = incoming;
    this.#response = response;
    this.#around = around;
    response.sendDate = false;
    for (const side of [incoming, response]) side.on('error', () => undefined);
  }

  async run(): Promise<Passed> {
    // Whatever it is waiting for: without a client it is over.
    const left = new Promise<void>((resolve) => this.#response.once('close', resolve));
    await Promise.race([this.#work(), left]);
    return this.passed;
  }

  async #work(): Promise<void> {
    const { fault } = this.#around;
    try {
      if (fault?.kind === 'delay') await wait(fault.milliseconds);
      if (fault?.kind === 'answer') await this.#answer(fault.status, errorOf(fault.status));
      else if (fault?.kind === 'failed-complete' && !fault.done) await this.#answer(200, errorOf(500));
      else await this.#forward();
    } catch {
      // A gateway that is no store would answer 502: here the client sees what the store's own end looks like.
      this.#cut('reset');
    }
  }

  async #forward(): Promise<void> {
    const { fault } = this.#around;
    const request = this.#open();
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).on('error', reject);
      this.#response.once('close', () => reject(new Error('the client is gone')));
    });
    answered.catch(() => undefined);
    // A store that refuses may answer, and end, before it has the body: what is then left of it is read and forgotten.
    const sent = this.#send(request).catch(() => void this.#incoming.resume());
    const cut = await Promise.race([sent, answered.then(() => undefined)]);
    if (cut !== undefined) {
      request.destroy();
      this.#cut(cut);
      return;
    }
    const answer = await answered;
    answer.on('error', () => undefined);
    if (fault?.kind === 'lose-answer') {
      this.#cut('reset');
      return;
    }
    if (fault?.kind === 'failed-complete') {
      answer.resume();
      return this.#answer(200, errorOf(500));
    }
    await this.#pass(answer);
  }

  /** Everything as it came, Host and path too: the signature covers them. Each request has a connection of its own. */
  #open(): ClientRequest {
    const { store } = this.#around;
    const { method, url, rawHeaders } = this.#incoming;
    const headers = [...withoutHops(rawHeaders), 'Connection', 'close'];
    this.#request = httpRequest({ host: store.host, port: store.port, method, path: url, headers, agent: false });
    this.#response.once('close', () => this.#request?.destroy());
    return this.#request;
  }

  /** How the body was cut, where it was. */
  async #send(request: ClientRequest): Promise<'reset' | 'close' | undefined> {
    const { fault, gate } = this.#around;
    const changes = changesOf(fault, 'request', lengthOf(this.#incoming));
    this.passed.requestBytes = await copyBody(this.#incoming, request, { changes, gate });
    if (fault?.kind === 'cut-request') return fault.how;
    request.end();
    return undefined;
  }

  async #pass(answer: IncomingMessage): Promise<void> {
    const { fault, gate } = this.#around;
    const length = this.#incoming.method === 'HEAD' ? 0 : lengthOf(answer);
    if (fault?.kind === 'cut-answer' && length === 0) {
      this.#cut(fault.how);
      return;
    }
    const status = answer.statusCode ?? 502;
    const ends = this.#incoming.complete ? [] : ['Connection', 'close'];
    this.#response.writeHead(status, answer.statusMessage, [...withoutHops(answer.rawHeaders), ...ends]);
    this.passed.status = status;
    const changes = changesOf(fault?.kind === 'trickle' && this.passed.requestBytes > 0 ? undefined : fault, 'answer', length);
    this.passed.answerBytes = await copyBody(answer, this.#response, { changes, gate });
    // A store that ends in the middle ends here in the middle.
    if (changes.cutAt !== undefined || !answer.complete) {
      await this.#flush();
      this.#cut(fault?.kind === 'cut-answer' ? fault.how : 'reset');
      return;
    }
    await new Promise<void>((resolve) => this.#response.once('close', resolve).end(resolve));
  }

  /** An answer of the proxy's own, after the request was read, as a store does it. */
  async #answer(status: number, body: string): Promise<void> {
    for await (const chunk of this.#incoming as AsyncIterable<Buffer>) this.passed.requestBytes += chunk.length;
    this.passed.status = status;
    const bytes = this.#incoming.method === 'HEAD' ? '' : body;
    this.#response.writeHead(status, { 'content-type': 'application/xml', 'content-length': bytes.length });
    await new Promise<void>((resolve) => this.#response.once('close', resolve).end(bytes, resolve));
  }

  /** What was written before reaches the client. */
  async #flush(): Promise<void> {
    this.#response.flushHeaders();
    const { socket } = this.#response;
    if (socket !== null && !socket.destroyed) await new Promise((resolve) => socket.write('', resolve));
  }

  #cut(how: 'reset' | 'close'): void {
    this.#request?.destroy();
    const { socket } = this.#incoming;
    if (how === 'reset') socket.resetAndDestroy();
    else socket.destroySoon();
  }
}

/** Flat names and values without those that concern one connection only. */
function withoutHops(raw: readonly string[]): string[] {
  return raw.filter((_, at) => !/^(?:connection|keep-alive|expect)$/i.test(raw[at - (at % 2)] ?? ''));
}

function lengthOf({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

const codes = { 403: 'AccessDenied', 429: 'TooManyRequests', 500: 'InternalError', 503: 'SlowDown' } as const;

function errorOf(status: AnswerStatus): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${codes[status]}</Code><Message>A fault of the proxy.</Message></Error>`;
}
