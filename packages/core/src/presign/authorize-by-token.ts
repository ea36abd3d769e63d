import { isWithin, s3Methods, type Identity, type Lfn, type S3Method } from '../domain/index.js';
import { DiracS3Error, type Failure } from '../errors/index.js';
import { outsideCredential } from '../permission/index.js';
import type { AuthorizedTarget, TargetFacts } from '../ports/index.js';
import { authorizeReading } from './authorize-targets.js';
import { authorizedTarget } from './authorized-target.js';
import type { PresignDependencies, StepResult } from './types.js';
import { grantFault, openUpload, sessionEnd, type UploadUse } from './upload-token.js';

/** What only clears an upload away. */
const clearing: ReadonlySet<S3Method> = new Set(['list_parts', 'abort_multipart_upload']);

/**
 * Second step for requests of an upload that was begun: its token is the decision, made when the upload began or was renewed, and no catalog
 * is asked, except for what a copy reads. No URL outlives the token.
 */
export async function authorizeByToken(
  targets: ReadonlyMap<Lfn, TargetFacts>,
  identity: Identity,
  deps: Pick<PresignDependencies, 'clock' | 'permissions' | 'replicas' | 'registry' | 'policies' | 'uploadSessions'>,
): Promise<StepResult<AuthorizedTarget>> {
  const { uploadSessions, clock } = deps;
  if (uploadSessions === undefined) throw new DiracS3Error('unsupported-operation', 'uploads in parts are not served here');
  const now = clock.now();
  const permitted = new Map<Lfn, TargetFacts>();
  const refused = new Map<string, Failure>();
  for (const [lfn, target] of targets) {
    const grant = openUpload(target.item.uploadToken ?? '', uploadSessions.keys);
    const use: UploadUse = clearing.has(target.method) ? 'clear' : 'move';
    const fault = isWithin(identity.restrictions, 'write', lfn)
      ? grantFault(grant, { identity, lfn, target }, { use, now, limitSeconds: uploadSessions.limitSeconds })
      : outsideCredential(lfn, 'write');
    if (fault !== undefined || grant === undefined) refused.set(lfn, fault!);
    else permitted.set(lfn, { ...target, notAfter: use === 'clear' ? sessionEnd(grant, uploadSessions.limitSeconds) : grant.expiresAt });
  }
  const [first] = targets.values();
  if (first === undefined || !s3Methods[first.method].copies)
    return { passed: new Map([...permitted].map(([lfn, target]) => [lfn, authorizedTarget(target)])), refused };
  const reading = await authorizeReading(permitted, identity, deps);
  return { passed: reading.passed, refused: new Map([...refused, ...reading.refused]) };
}
