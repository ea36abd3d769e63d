import type { BodyClient, BodyRequest } from './body-client.js';
import { ConnectionFault, type Unavailable } from './connection-fault.js';
import { cutUrl } from './cut-url.js';
import { answerFrom, type HttpAnswer } from './http-answer.js';
import type { HttpClient, HttpRequest } from './http-client.js';
import { UnfamiliarAnswer, type ResponseHead } from './response-head.js';

/** Answers to short requests are empty, or error documents. */
export const shortAnswerBytes = 16 * 1024;

const methods = ['HEAD', 'DELETE', 'POST', 'PUT'] as const;

/**
 * The ordinary client, except for short requests, whose body is in memory and whose answer fits there: they go by the client for bodies, which
 * takes less time for one.
 */
export function withShortRequests(http: HttpClient, bodies: BodyClient, unavailable: Unavailable): HttpClient {
  return {
    async send(request) {
      const short = shortRequestOf(request);
      if (short === undefined) return http.send(request);
      try {
        return await sendShort(bodies, short);
      } catch (thrown) {
        if (!(thrown instanceof UnfamiliarAnswer)) throw thrown;
        const { status, unsent } = thrown;
        const refused = status !== undefined && status >= 300 && status < 500;
        // HEAD and DELETE can be repeated, and of what was refused nothing was done.
        if (unsent || short.pieces === undefined || refused) return http.send(request);
        if (status !== undefined) return answerFrom({ status, headers: new Map() }, Buffer.alloc(0));
        const { hostname } = cutUrl(request.url);
        throw new ConnectionFault(unavailable, `the answer of ${hostname} was not understood`, { cause: thrown });
      }
    },
    close: () => http.close(),
  };
}

function shortRequestOf({ method, url, headers, body, pieces, signal }: HttpRequest): BodyRequest | undefined {
  const known = methods.find((one) => one === method);
  const short = pieces !== undefined || (body === undefined && (known === 'HEAD' || known === 'DELETE'));
  return short && known !== undefined ? { method: known, url, headers, pieces, signal } : undefined;
}

async function sendShort(bodies: BodyClient, request: BodyRequest): Promise<HttpAnswer> {
  let head: ResponseHead | undefined;
  const text: Buffer[] = [];
  await bodies.send(request, {
    begin: (answer) => {
      if (answer.contentLength > shortAnswerBytes) throw new UnfamiliarAnswer('a long answer', { status: answer.status });
      head = answer;
    },
    take: (bytes) => {
      text.push(Buffer.from(bytes));
      return Promise.resolve();
    },
  });
  if (head === undefined) throw new UnfamiliarAnswer('no head');
  return answerFrom(head, Buffer.concat(text));
}
