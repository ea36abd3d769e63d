import { isIP } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { DiracS3Error } from '../errors/index.js';
import { ConnectionFault, createClientContext, isAbort, systemCodeOf } from '../http/index.js';
import { decodeDencode } from './decode-dencode.js';
import { decodeJson } from './decode-json.js';
import { encodeJson } from './encode-json.js';
import { FrameReader, writeFrame } from './frames.js';
import { DiracServiceError, parseResult, sOk } from './result.js';
import { textOf } from './service-url.js';
import type { Question, Transport, TransportOptions } from './transport.js';
import { isDiracObject, type DiracValue } from './value.js';

/** `ENOAUTH`: the service knows us and says no. Other refusals of the handshake concern this server only. */
const notAuthorized = 1111;

/**
 * A DIRAC service behind DISET (`Core/DISET/private/BaseClient.py`, `Transports/BaseTransport.py`): TLS at once, one question for each
 * connection. First the proposal (service, method, extra credentials), and only when it is accepted the arguments, so that nothing was done
 * as long as these were not sent.
 *
 * The server's certificate must name the host, as DIRAC's own client demands (`M2SSLTransport`: `set1_host`).
 */
export function createDisetTransport(options: TransportOptions & { readonly handshakeTimeoutSeconds: number }): Transport {
  const context = createClientContext(options.tls);
  const open = new Set<Conversation>();
  return {
    async ask(question, signal) {
      signal.throwIfAborted();
      const conversation = new Conversation(options, context);
      open.add(conversation);
      const abort = (): void => conversation.end(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await conversation.ask(question, options.handshakeTimeoutSeconds);
      } finally {
        signal.removeEventListener('abort', abort);
        conversation.end();
        open.delete(conversation);
      }
    },
    close: () => open.forEach((conversation) => conversation.end()),
  };
}

class Conversation {
  readonly #options: TransportOptions;
  readonly #address: string;
  readonly #socket: TLSSocket;
  readonly #frames: FrameReader;
  #connected = false;
  #argumentsSent = false;

  constructor(options: TransportOptions, secureContext: SecureContext) {
    this.#options = options;
    this.#address = textOf(options.url);
    const { host, port } = options.url;
    this.#socket = connect({ host, port, secureContext, ...(isIP(host) === 0 && { servername: host }) });
    this.#socket.setNoDelay(true);
    // Errors surface where the socket is read or written; without a listener they would end the process.
    this.#socket.on('error', () => undefined);
    this.#frames = new FrameReader(this.#socket, options.maxAnswerBytes);
  }

  async ask(question: Question, handshakeTimeoutSeconds: number): Promise<DiracValue> {
    try {
      await this.#within(this.#options.connectTimeoutSeconds, 'take the connection', () => this.#connection());
      await this.#within(handshakeTimeoutSeconds, 'answer the handshake', () => this.#propose(question));
      await this.#send(question.args, () => (this.#argumentsSent = true));
      return await this.#receive();
    } catch (thrown) {
      throw this.#faultOf(thrown);
    }
  }

  end(reason?: unknown): void {
    this.#socket.destroy(reason instanceof Error ? reason : undefined);
  }

  async #connection(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('secureConnect', resolve).once('error', reject);
      this.#socket.once('close', () => reject(new Error('closed')));
    });
    this.#connected = true;
  }

  async #propose({ method, extraCredentials }: Question): Promise<void> {
    const { url, setup, vo } = this.#options;
    await this.#send([[url.service, setup, vo], ['RPC', method], extraCredentials ?? '', clientVersion]);
    const answer = await this.#receive();
    try {
      const value = parseResult(answer);
      if (isDiracObject(value) && 'delegate' in value)
        throw new ConnectionFault('service-unavailable', `${this.#address} asks for a delegated proxy, which is never given`);
    } catch (thrown) {
      if (thrown instanceof DiracServiceError && thrown.errno !== notAuthorized)
        throw new ConnectionFault('service-unavailable', `${this.#address} turned the call away: ${thrown.message}`);
      throw thrown;
    }
  }

  /** Every message of a client is an S_OK. */
  async #send(value: DiracValue, before?: () => void): Promise<void> {
    const frame = writeFrame({ keepAlive: false, payload: Buffer.from(encodeJson(sOk(value))) });
    before?.();
    await this.#write(frame);
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => this.#socket.write(bytes, (error) => (error ? reject(error) : resolve())));
  }

  async #receive(): Promise<DiracValue> {
    for (;;) {
      const frame = await this.#frames.next();
      if (frame === undefined) throw new Error('closed');
      const value = decode(frame.payload);
      if (!frame.keepAlive) return value;
      await this.#answerKeepAlive(value);
    }
  }

  /** A long call is accompanied by pings; a client that does not answer them is given up. */
  async #answerKeepAlive(message: DiracValue): Promise<void> {
    const ping = parseResult(message);
    const { id = null, kaping } = isDiracObject(ping) ? ping : {};
    if (kaping !== true) return;
    const payload = Buffer.from(encodeJson(sOk({ id, kaping: false })));
    await this.#write(writeFrame({ keepAlive: true, payload }));
  }

  async #within<Value>(seconds: number, what: string, act: () => Promise<Value>): Promise<Value> {
    const fault = new ConnectionFault('timeout', `${this.#address} did not ${what} within ${seconds} seconds`, { nothingSent: true });
    const timer = setTimeout(() => this.end(fault), seconds * 1000);
    try {
      return await act();
    } finally {
      clearTimeout(timer);
    }
  }

  #faultOf(thrown: unknown): unknown {
    if (thrown instanceof ConnectionFault || thrown instanceof DiracServiceError || isAbort(thrown)) return this.#unread(thrown);
    if (thrown instanceof DiracS3Error && thrown.code === 'invalid-argument' && !this.#argumentsSent) return thrown;
    const fault = thrown instanceof DiracS3Error ? thrown.message : undefined;
    const message =
      fault !== undefined
        ? `the answer of ${this.#address} is not DIRAC's: ${fault}`
        : this.#connected
          ? `the connection to ${this.#address} was lost (${systemCodeOf(thrown)})`
          : `${this.#address} cannot be reached (${systemCodeOf(thrown)})`;
    return new ConnectionFault('service-unavailable', message, { nothingSent: !this.#argumentsSent, cause: thrown });
  }

  #unread(thrown: Error): Error {
    if (!(thrown instanceof ConnectionFault) || thrown.nothingSent || this.#argumentsSent) return thrown;
    return new ConnectionFault('service-unavailable', thrown.message, { nothingSent: true });
  }
}

/** Told to servers, which keep it for their log. */
const clientVersion = 'dirac-s3';

/** A message is an S_OK or S_ERROR, that is a dictionary: "{" in JEncode, "d" in DEncode. */
function decode(payload: Buffer): DiracValue {
  return payload[0] === 0x64 ? decodeDencode(payload) : decodeJson(payload.toString('utf8'), { maxLength: payload.length });
}
