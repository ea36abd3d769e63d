import type { Secret } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { ConnectionFault, createHttpClient, type HttpAnswer } from '../http/index.js';
import { decodeJson } from './decode-json.js';
import { encodeJson } from './encode-json.js';
import { DiracServiceError, sError } from './result.js';
import { textOf } from './service-url.js';
import type { Question, Transport, TransportOptions } from './transport.js';
import type { DiracValue } from './value.js';

export interface HttpsTransportOptions extends TransportOptions {
  /** Sent instead of a client certificate. Asked for each call, so that a renewed token counts at once. */
  readonly token?: (() => Promise<Secret> | Secret) | undefined;
  /** A server that is silent for longer is given up. */
  readonly timeoutSeconds: number;
}

/** A DIRAC service behind HTTPS, as `Core/Tornado/Client` calls it: a form by POST, the answer as JEncode. */
export function createHttpsTransport(options: HttpsTransportOptions): Transport {
  const { url, tls, token, connectTimeoutSeconds, timeoutSeconds, maxAnswerBytes } = options;
  const address = textOf(url);
  const http = createHttpClient({
    unavailable: 'service-unavailable',
    tls: token === undefined ? tls : { caPem: tls.caPem },
    connectTimeoutSeconds,
    idleTimeoutSeconds: timeoutSeconds,
  });
  return {
    async ask(question, signal) {
      const form = Buffer.from(formOf(question, options));
      const answer = await http.send({
        method: 'POST',
        url: address,
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': String(form.length),
          ...(token && { authorization: `Bearer ${headerText(await token())}` }),
        },
        body: (to) => to.write(form),
        repeatable: question.repeatable,
        signal,
      });
      if (answer.status !== 200) throw await refusalOf(answer, address, question.method);
      return decode(await answer.start(maxAnswerBytes + 1), address, maxAnswerBytes);
    },
    close: () => http.close(),
  };
}

function formOf({ method, args, extraCredentials }: Question, { vo, setup }: TransportOptions): string {
  return new URLSearchParams({
    method,
    args: encodeJson(args),
    ...(extraCredentials !== undefined && { extraCredentials: encodeJson(extraCredentials) }),
    clientVO: vo,
    clientSetup: setup,
  }).toString();
}

function decode(bytes: Buffer, address: string, maxAnswerBytes: number): DiracValue {
  if (bytes.length > maxAnswerBytes)
    throw new ConnectionFault('service-unavailable', `the answer of ${address} is longer than ${maxAnswerBytes} bytes`);
  try {
    return decodeJson(bytes.toString('utf8'), { maxLength: maxAnswerBytes });
  } catch (cause) {
    throw new ConnectionFault('service-unavailable', `the answer of ${address} is not DIRAC's`, { cause });
  }
}

/** Status codes of the real server, and what its own client makes of them (`TornadoBaseClient._request`). */
async function refusalOf(answer: HttpAnswer, address: string, method: string): Promise<DiracS3Error> {
  const { status } = answer;
  // The body is a page for people.
  await answer.start(1024).catch(() => undefined);
  const refused = (errno: number, text: string): DiracServiceError => new DiracServiceError(errno, sError(errno, text).Message);
  if (status === 501) return refused(38, `${method} is not implemented by ${address}`);
  if (status === 401 || status === 403) return refused(13, `No access to ${address}`);
  if (status >= 300 && status < 400)
    return new ConnectionFault('service-unavailable', `${address} answered with a redirect (${status}), which is never followed`, {
      nothingSent: true,
    });
  if (status === 404) return new ConnectionFault('service-unavailable', `${address} is not found (404)`, { nothingSent: true });
  if (status >= 500 || status === 429) return new ConnectionFault('service-unavailable', `${address} answered ${status}`);
  return refused(22, `${address} answered ${status} to ${method}`);
}

function headerText(token: Secret): string {
  const text = token.reveal();
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new DiracS3Error('unauthenticated', 'the token is empty or holds characters that no token has');
}
