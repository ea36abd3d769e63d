import { DiracS3Error } from '../errors/index.js';
import { strerror } from './errno.js';
import { isDiracObject, type DiracValue } from './value.js';

/** S_OK or S_ERROR (`Core/Utilities/ReturnValues.py`), the form of every answer. Keys stand in the order DIRAC writes them. */
export type DiracResult =
  { readonly OK: true; readonly Value: DiracValue } | { readonly OK: false; readonly Errno: number; readonly Message: string };

export type DiracOk = Extract<DiracResult, { OK: true }>;

export type DiracError = Extract<DiracResult, { OK: false }>;

export function sOk(value: DiracValue): DiracOk {
  return { OK: true, Value: value };
}

/** S_ERROR. With a number other than 0 the message becomes `Invalid argument ( 22 : text)`, as in DIRAC. */
export function sError(errno: number, text: string): DiracError {
  const message = errno === 0 ? text : `${strerror(errno)} ( ${errno} : ${text})`;
  return { OK: false, Errno: errno, Message: message };
}

/** A service answered S_ERROR: number and message are the service's. */
export class DiracServiceError extends DiracS3Error {
  readonly #errno: number;

  constructor(errno: number, message: string) {
    super('service-error', message);
    this.#errno = errno;
  }

  /** As the service sent it; 0 when it named none. */
  override get errno(): number {
    return this.#errno;
  }
}

/**
 * The value of an S_OK.
 *
 * @throws DiracServiceError for an S_ERROR; service-unavailable for what is neither
 */
export function parseResult(answer: DiracValue): DiracValue {
  if (isDiracObject(answer)) {
    const { OK: ok, Value: value = null, Errno: errno, Message: message } = answer;
    if (ok === true) return value;
    if (ok === false) {
      throw new DiracServiceError(
        typeof errno === 'number' ? errno : 0,
        typeof message === 'string' && message !== '' ? message.slice(0, maxMessage) : 'the service gave no reason',
      );
    }
  }
  throw new DiracS3Error('service-unavailable', 'the answer is neither S_OK nor S_ERROR');
}

/** The real server puts whole HTML pages and stack traces in. */
const maxMessage = 2000;
