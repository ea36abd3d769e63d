import type { Secret } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import { ConnectionFault, type ClientCertificate } from '../http/index.js';
import { createDisetTransport } from './diset-transport.js';
import { createHttpsTransport } from './https-transport.js';
import { parseResult } from './result.js';
import { parseServiceUrl, textOf, type ServiceUrl } from './service-url.js';
import type { Question, Transport } from './transport.js';
import { UrlOrder } from './url-order.js';
import type { DiracValue } from './value.js';

/** A DIRAC service, wherever it runs and whatever it speaks. */
export interface DiracService {
  /**
   * Calls a method and gives the value of its S_OK.
   *
   * @throws DiracServiceError (the service answered S_ERROR, or does not let us in), service-unavailable, timeout, invalid-argument (the
   * arguments cannot be sent), and the AbortError of `signal`
   */
  call(method: string, args: readonly DiracValue[], options?: CallOptions): Promise<DiracValue>;
  /** Closes connections. */
  close(): void;
}

export interface CallOptions {
  /** For whom it is done: the service must know our host as `TrustedHost`. */
  readonly delegated?: { readonly dn: string; readonly group: string } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** True when doing it twice does no harm; else another URL is asked only when nothing can have reached the first. Default false. */
  readonly repeatable?: boolean | undefined;
}

export interface DiracServiceOptions {
  /** `DataManagement/FileCatalog`: the path of URLs without one, and the name in messages. */
  readonly service: string;
  /** `https://…` and `dips://…`, mixed at will. */
  readonly urls: readonly string[];
  /** A host certificate or a grid proxy. Not shown over https where there is a token. */
  readonly certificate?: ClientCertificate | undefined;
  readonly token?: (() => Promise<Secret> | Secret) | undefined;
  /** Authorities to trust, roots and intermediate ones, PEM; public ones are not. */
  readonly caPem: readonly string[];
  /** True with a host certificate: it counts as a host's only when we say so (`extraCredentials` "hosts"). */
  readonly asHost?: boolean | undefined;
  /** Group of a plain user certificate; a proxy has its own. */
  readonly group?: string | undefined;
  readonly vo?: string | undefined;
  readonly setup?: string | undefined;
  /** For TCP and TLS. Default 5. */
  readonly connectTimeoutSeconds?: number | undefined;
  /** For the first answer of DISET, before the method runs. Default 15. */
  readonly handshakeTimeoutSeconds?: number | undefined;
  /** For one call over all URLs. Default 60. */
  readonly timeoutSeconds?: number | undefined;
  /** Default 64 MiB. */
  readonly maxAnswerBytes?: number | undefined;
  /** 0 … 1: which URL is asked first. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds that never go back; for time-outs and for how long a dead URL is left alone. */
  readonly now?: (() => number) | undefined;
  /** Told of every attempt, for `--verbose`: method and URL, never an argument. */
  readonly onCall?: ((line: string) => void) | undefined;
}

/**
 * A client of one service. Of several URLs a random one is asked first; one that is down is passed over, and for a while asked last.
 *
 * @throws invalid-configuration for a URL, certificate or authority that cannot be used, or for no way to show who asks
 */
export function createDiracService(options: DiracServiceOptions): DiracService {
  const { service, timeoutSeconds = 60, random = Math.random, now = () => performance.now(), onCall } = options;
  const urls = options.urls.map((url) => parseServiceUrl(url, service));
  const unique = [...new Map(urls.map((url) => [textOf(url), url])).values()];
  if (unique.length === 0) throw new DiracS3Error('invalid-configuration', `no URL of ${service} is configured`);
  const order = new UrlOrder(
    unique.map((url) => ({ name: textOf(url), transport: createTransport(url, options) })),
    { random, now },
  );

  const call = async (method: string, args: readonly DiracValue[], { signal, repeatable = false, delegated }: CallOptions = {}) => {
    const question = { method, args, extraCredentials: extraCredentialsOf(options, delegated), repeatable };
    const total = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000));
    const deadline = now() + timeoutSeconds * 1000;
    const faults: ConnectionFault[] = [];
    const candidates = order.next();
    for (const [index, url] of candidates.entries()) {
      const left = candidates.length - index;
      // A silent server must leave time for the others, if they may be asked at all.
      const share = repeatable && left > 1 ? [AbortSignal.timeout(Math.ceil(Math.max(1, (deadline - now()) / left)))] : [];
      const limits = [total, ...share];
      onCall?.(`${method} ${url.name}`);
      try {
        const value = parseAnswer(url.name, await url.transport.ask(question, AbortSignal.any([...limits, ...(signal ? [signal] : [])])));
        order.answered(url);
        return value;
      } catch (thrown) {
        signal?.throwIfAborted();
        const fault = limits.some(({ aborted }) => aborted) ? new ConnectionFault('timeout', `${url.name} did not answer in time`) : thrown;
        if (!(fault instanceof ConnectionFault)) {
          order.answered(url);
          throw fault;
        }
        order.failed(url);
        faults.push(fault);
        if (total.aborted || !(repeatable || fault.nothingSent)) break;
      }
    }
    throw faultOfAll(service, faults, total.aborted ? timeoutSeconds : undefined);
  };
  return { call, close: () => order.all.forEach(({ transport }) => transport.close()) };
}

function createTransport(url: ServiceUrl, options: DiracServiceOptions): Transport {
  const { caPem, certificate, token, timeoutSeconds = 60, maxAnswerBytes = 64 * 1024 * 1024 } = options;
  const { connectTimeoutSeconds = 5, handshakeTimeoutSeconds = 15, vo = 'unknown', setup = 'None' } = options;
  if (certificate === undefined && (token === undefined || url.scheme === 'dips'))
    throw new DiracS3Error('invalid-configuration', `${textOf(url)} needs a client certificate, and there is none`);
  const common = { url, tls: { caPem, certificate }, connectTimeoutSeconds, maxAnswerBytes, vo, setup };
  return url.scheme === 'https'
    ? createHttpsTransport({ ...common, token, timeoutSeconds })
    : createDisetTransport({ ...common, handshakeTimeoutSeconds });
}

function extraCredentialsOf({ asHost, group }: DiracServiceOptions, delegated: CallOptions['delegated']): Question['extraCredentials'] {
  if (delegated === undefined) return asHost === true ? 'hosts' : group;
  // DIRAC would send [DN, false], or act as the host itself.
  if (delegated.dn === '' || delegated.group === '')
    throw new DiracS3Error('invalid-argument', 'a delegated identity needs a DN and a group');
  return [delegated.dn, delegated.group];
}

/** What is neither S_OK nor S_ERROR came from no DIRAC service: another may do better. */
function parseAnswer(name: string, answer: DiracValue): DiracValue {
  try {
    return parseResult(answer);
  } catch (thrown) {
    if (thrown instanceof DiracS3Error && thrown.code === 'service-unavailable')
      throw new ConnectionFault('service-unavailable', `${name}: ${thrown.message}`);
    throw thrown;
  }
}

function faultOfAll(service: string, faults: readonly ConnectionFault[], waitedSeconds: number | undefined): DiracS3Error {
  const reasons = [...new Set(faults.map(({ message }) => message))].join('; ');
  const nothingSent = faults.every((fault) => fault.nothingSent);
  if (waitedSeconds !== undefined)
    return new ConnectionFault('timeout', `${service} did not answer within ${waitedSeconds} seconds: ${reasons}`);
  const code = faults.every((fault) => fault.code === 'timeout') ? 'timeout' : 'service-unavailable';
  return new ConnectionFault(code, `${service} cannot be asked: ${reasons}`, { nothingSent, cause: faults.at(-1) });
}
