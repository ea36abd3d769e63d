import type { TlsSettings } from '../http/index.js';
import type { ServiceUrl } from './service-url.js';
import type { DiracValue } from './value.js';

/** One call, as both protocols carry it. */
export interface Question {
  readonly method: string;
  readonly args: readonly DiracValue[];
  /** Undefined for none; else `hosts`, a group, or `[DN, group]` of the user who is acted for. */
  readonly extraCredentials: DiracValue | undefined;
  /** Doing it twice does no harm. */
  readonly repeatable: boolean;
}

export interface TransportOptions {
  readonly url: ServiceUrl;
  readonly tls: TlsSettings;
  readonly connectTimeoutSeconds: number;
  readonly maxAnswerBytes: number;
  /** What the client says of its VO and setup; servers only log it. */
  readonly vo: string;
  readonly setup: string;
}

/** Carries questions to one address of a service. */
export interface Transport {
  /**
   * The whole answer, S_OK or S_ERROR.
   *
   * @throws ConnectionFault, DiracServiceError (turned away before the method ran), and the AbortError of `signal`
   */
  ask(question: Question, signal: AbortSignal): Promise<DiracValue>;
  close(): void;
}
