import { DiracS3Error, originOf, type StorageElement } from '@dirac-s3/core';
import type { ConfigRemark, GatewaySettings } from '@dirac-s3/core/config';
import type { CredentialsProvider, Logger, StorageElementRegistry } from '@dirac-s3/core/ports';
import { safeUploads } from '../uploads.js';
import type { Comparison } from './compare-catalogs.js';

/** Says at start what was found for each StorageElement: everything that explains its behaviour, and no secret. */
export function reportStorageElements(logger: Logger, elements: StorageElementRegistry, credentials: CredentialsProvider): void {
  for (const element of elements.all()) {
    const keys = credentials.credentialsOf(element.name, 'main');
    const fields = {
      storageElement: element.name,
      bucket: element.bucket,
      endpoint: originOf(element.endpoint),
      ...(element.publicEndpoint && { publicEndpoint: originOf(element.publicEndpoint) }),
      region: element.region,
      access: element.access,
      ...(element.access === 'direct' && { uploads: safeUploads(element, credentials) }),
      ...(keys?.expiresAt && { keysExpireAt: keys.expiresAt }),
      ...(element.vos.length > 0 && { vos: element.vos }),
    };
    if (element.access === 'direct') logger.info(fields, 'storage element');
    else logger.warn(fields, 'storage element without credentials here: nothing is signed for it');
  }
}

/** Says how `head_object` is answered: what is missing is noticed by users of DIRAC 9.0 only, in words that do not lead here. */
export function reportHeadObject(logger: Logger, probe: GatewaySettings['probe']): void {
  if (typeof probe === 'object') logger.info({ publicUrl: probe.publicUrl }, 'head_object is answered with links to the probe listener');
  else if (probe === undefined) {
    logger.warn(
      { path: '/Systems/DataManagement/Services/S3Gateway/Probe' },
      'no probe listener is configured, so that exists and isFile of DIRAC 9.0 clients will fail; HeadObject = as-dirac says that this is meant',
    );
  }
}

/** Without keys in the configuration, every gateway binds uploads in parts by a key of its own. */
export function reportUploadKeys(logger: Logger, { keys }: GatewaySettings['uploadSessions']): void {
  if (keys !== undefined) return;
  logger.warn(
    { path: '/Systems/DataManagement/Services/S3Gateway/UploadSessions/SecretKeys' },
    'no keys are configured: an upload in parts ends with the gateway that began it',
  );
}

/** What a probe of a bucket found out, as the adapter of the store tells it. */
type Probe = (element: StorageElement) => Promise<{ readonly usable: true } | { readonly usable: false; readonly reason: string }>;

/** Asks the store of each StorageElement for its bucket and says what came of it; true when all can be used. */
export async function reportBuckets(logger: Logger, elements: StorageElementRegistry, probe: Probe): Promise<boolean> {
  const direct = elements.all().filter(({ access }) => access === 'direct');
  const findings = await Promise.all(direct.map(async (element) => ({ storageElement: element.name, finding: await probe(element) })));
  for (const { storageElement, finding } of findings) {
    if (finding.usable) logger.info({ storageElement }, 'the bucket is there for these credentials');
    else logger.error({ storageElement, reason: finding.reason }, 'the bucket cannot be used');
  }
  return findings.every(({ finding }) => finding.usable);
}

/** Most differences that are told one by one: a wrong rule makes hundreds. */
const toldDifferences = 20;

/**
 * Says what came of comparing the database of the catalog with its service; false when they differ. A service that cannot be asked differs in
 * nothing: the gateway may start before it.
 */
export async function reportComparison(logger: Logger, compare: () => Promise<Comparison>): Promise<boolean> {
  try {
    const { compared, differences } = await compare();
    for (const difference of differences.slice(0, toldDifferences))
      logger.error({ difference }, 'the File Catalog service answers otherwise');
    const fields = { compared, different: differences.length };
    if (differences.length === 0) logger.info(fields, 'the database of the File Catalog and its service agree');
    else logger.error(fields, 'the database of the File Catalog and its service differ');
    return differences.length === 0;
  } catch (fault) {
    if (!(fault instanceof DiracS3Error)) throw fault;
    logger.warn({ reason: fault.message }, 'the database of the File Catalog and its service could not be compared');
    return true;
  }
}

export function reportWarnings(logger: Logger, warnings: readonly ConfigRemark[]): void {
  for (const { path, message, source } of warnings) logger.warn({ path, source, remark: message }, 'configuration');
}
