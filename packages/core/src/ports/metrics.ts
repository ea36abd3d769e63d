import type { ErrorCode } from '../errors/index.js';

/** One finished question to a system outside of this process. */
export interface QuestionSample {
  /** Which question, as a label of few values: `checkPermission`, `lookUpReplicas`. */
  readonly question: string;
  readonly outcome: 'ok' | ErrorCode;
  readonly seconds: number;
  /** How many names were asked about. */
  readonly names: number;
}

/** Numbers about what this process does. Never holds a name, an LFN or a key. */
export interface Metrics {
  questionAnswered(sample: QuestionSample): void;
}
