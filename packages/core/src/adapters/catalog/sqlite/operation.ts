import type { Viewer } from '../../../catalog-answers/index.js';

/** What every operation needs besides its arguments. */
export interface OperationContext extends Viewer {
  /** Mode of new files and directories. */
  readonly defaultMode: number;
  readonly now: Date;
}
