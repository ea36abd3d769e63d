import { subscribe } from 'node:diagnostics_channel';
import { answeredRequestChannel, redact, type AnsweredRequest } from '@dirac-s3/core';

interface FetchRequest {
  readonly method: string;
  readonly origin: string | URL;
  readonly path: string;
}

interface HttpExchange {
  readonly request: {
    readonly method: string;
    readonly protocol: string;
    readonly host: string;
    readonly path: string;
    getHeader(name: string): unknown;
  };
  readonly response: { readonly statusCode?: number };
}

/** Prints a line for every answered HTTP request of this process, signatures removed. */
export function traceRequests(print: (line: string) => void): void {
  const show = (method: string, url: string, status: number | undefined): void => print(redact(`${method} ${url} -> ${status ?? '?'}`));
  subscribe('undici:request:headers', (message) => {
    const { request, response } = message as { request: FetchRequest; response: { statusCode: number } };
    show(request.method, `${String(request.origin)}${request.path}`, response.statusCode);
  });
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as HttpExchange;
    const host = request.getHeader('host');
    show(request.method, `${request.protocol}//${typeof host === 'string' ? host : request.host}${request.path}`, response.statusCode);
  });
  subscribe(answeredRequestChannel, (message) => {
    const { method, url, status } = message as AnsweredRequest;
    show(method, url, status);
  });
}
