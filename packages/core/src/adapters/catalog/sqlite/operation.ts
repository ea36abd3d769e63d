import type { Viewer } from '../../../catalog-answers/index.js';
import type { DirectoryOwner } from './name-space.js';

/** What every operation needs besides its arguments. */
export interface OperationContext extends Viewer {
  /** Mode of new files and directories. */
  readonly defaultMode: number;
  readonly now: Date;
}

/** Directories that come to be on the way are the caller's. */
export function directoryOwner({ identity: { username: owner, group }, defaultMode: mode, now }: OperationContext): DirectoryOwner {
  return { owner, group, mode, now };
}
