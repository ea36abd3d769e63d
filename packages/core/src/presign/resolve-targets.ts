import {
  bucketFor,
  isOpenFor,
  isOpenToVo,
  isSamePlace,
  isS3Method,
  objectKeyOf,
  parseLfn,
  s3Methods,
  type Lfn,
  type PresignItem,
  type PresignRequest,
  type Purpose,
  type S3Method,
  type StorageElement,
} from '../domain/index.js';
import { DiracS3Error, failure, failureOf, type Failure } from '../errors/index.js';
import type { StorageElementRegistry, TargetFacts } from '../ports/index.js';
import { itemFault, type Operation } from './item-rules.js';
import type { StepResult } from './types.js';

export interface ResolveContext {
  readonly registry: StorageElementRegistry;
  /** VO of the caller; undefined only in a process that acts for itself. */
  readonly vo: string | undefined;
  /** Who will hold the URLs: somebody else, or this very process, which adds no header of its own to the request. */
  readonly holder: 'client' | 'self';
}

/** SigV4 signs for at most seven days. */
const longestSeconds = 604_800;

/**
 * First step: what exactly would be signed. Faults of the request are thrown, faults of one name are carried beside.
 * The same LFN twice with equal fields collapses; with different ones it fails, because the answer has one place per
 * LFN. Hence one part of a multipart upload per LFN and request.
 */
export function resolveTargets(request: PresignRequest, context: ResolveContext): StepResult<TargetFacts> {
  const upload = uploadOf(request);
  const storageElement = openStorageElement(request, context);
  const common = {
    storageElement,
    bucket: bucketFor(storageElement, context.vo),
    method: request.method,
    upload,
    signWith: keysFor(storageElement, request.method, { upload, holder: context.holder }),
    expirationSeconds: expirationOf(storageElement, request),
  };
  const operation = upload === 'post' ? 'put_object_by_post' : request.method;
  const passed = new Map<Lfn, TargetFacts>();
  const refused = new Map<string, Failure>();
  for (const [name, items] of groupByName(request.items)) {
    try {
      const lfn = parseLfn(name);
      const item = items[0]!;
      const fault = repetitionFault(items) ?? itemFault(item, operation) ?? keyFault(lfn, operation);
      // Spreads come last: properties written after one take V8 a hundred times as long, and there are thousands of targets.
      if (fault === undefined) passed.set(lfn, { key: objectKeyOf(lfn), item, ...common, ...sourceOf(item, common, context) });
      else refused.set(name, failure('invalid-argument', `${lfn}: ${fault}`));
    } catch (thrown) {
      refused.set(name, failureOf(thrown));
    }
  }
  return { passed, refused };
}

function uploadOf({ method, upload }: PresignRequest): 'post' | 'put' {
  if (!isS3Method(method)) throw new DiracS3Error('unsupported-operation', `method: ${JSON.stringify(method)} is no S3 method`);
  if (method === 'put_object') return upload ?? 'post';
  if (upload !== undefined) throw new DiracS3Error('invalid-argument', `upload: put_object alone has the choice, not ${method}`);
  return 'put';
}

function openStorageElement(request: PresignRequest, { registry, vo, holder }: ResolveContext): StorageElement {
  const element = registry.find(request.storageElement);
  const name = JSON.stringify(request.storageElement);
  if (element === undefined) throw new DiracS3Error('unknown-storage-element', `${name} is not a configured S3 StorageElement`);
  if (element.access !== 'direct') throw new DiracS3Error('unknown-storage-element', `${name}: this process has no credentials for it`);
  const { status } = s3Methods[request.method];
  if (!isOpenFor(element, status, vo)) {
    const why = element.statusFault === undefined ? '' : ` (${element.statusFault})`;
    throw new DiracS3Error('access-not-allowed', `${name} is closed: its ${status}Access forbids ${request.method}${why}`);
  }
  if (vo !== undefined && !isOpenToVo(element, vo))
    throw new DiracS3Error('access-not-allowed', `${name} is not open to the VO ${JSON.stringify(vo)}`);
  // A process signing for its own transfers reaches the store where it is configured, not where others are sent.
  return holder === 'self' && purposeOf(request) === 'transfer' ? { ...element, publicEndpoint: undefined } : element;
}

/** Where a copy comes from: open for reading, at the endpoint the copy goes to. Do the same keys reach both? The presigner sees that. */
function sourceOf(
  { sourceStorageElement: name }: PresignItem,
  { storageElement }: Pick<TargetFacts, 'storageElement'>,
  { registry, vo }: ResolveContext,
): Pick<TargetFacts, 'source'> {
  if (name === undefined) return {};
  const element = openStorageElement({ storageElement: name, method: 'get_object', items: [] }, { registry, vo, holder: 'client' });
  if (!isSamePlace(element, storageElement))
    throw new DiracS3Error('unsupported-operation', `${element.name} and ${storageElement.name} are not in one store`);
  return { source: { storageElement: element, bucket: bucketFor(element, vo) } };
}

/**
 * Whoever holds a URL that sends a body can add headers of his own. Measured on Ceph: an unsigned `x-amz-copy-source`
 * fills his object with another one's bytes, whatever else is signed. So such a URL is signed with the main keys only
 * where the store refuses unsigned headers, or where it does not leave this process; else with keys that cannot read.
 * A StorageElement without such keys is refused by the presigner (`upload-unsafe`).
 */
export function keysFor(
  { unsignedHeaders }: StorageElement,
  method: S3Method,
  { upload, holder }: { upload: 'post' | 'put'; holder: ResolveContext['holder'] },
): TargetFacts['signWith'] {
  const sendsBodyToUrl = s3Methods[method].sendsBody && upload === 'put';
  return !sendsBodyToUrl || holder === 'self' || unsignedHeaders === 'refused' ? 'main' : 'write-only';
}

export function purposeOf({ purpose = 'transfer' }: PresignRequest): Purpose {
  return purpose;
}

/** The default of the purpose, or what is asked for; never clamped in silence. */
function expirationOf(element: StorageElement, request: PresignRequest): number {
  const purpose = purposeOf(request);
  const { method, expirationSeconds: asked } = request;
  if (purpose === 'external' && method !== 'get_object' && method !== 'head_object')
    throw new DiracS3Error('invalid-argument', `purpose: external URLs are for reading, not for ${method}`);
  const { defaultSeconds, maxSeconds } = element.expiration[purpose];
  const cap = Math.min(maxSeconds, longestSeconds);
  if (asked === undefined) return Math.min(defaultSeconds, cap);
  if (!Number.isInteger(asked) || asked < 1) throw new DiracS3Error('invalid-argument', 'expirationSeconds: must be a whole number from 1');
  if (asked > cap)
    throw new DiracS3Error(
      'expiration-refused',
      `expirationSeconds: ${asked} is beyond ${cap}, the cap of ${element.name} for ${purpose} URLs`,
    );
  return asked;
}

function groupByName(items: readonly PresignItem[]): Map<string, PresignItem[]> {
  const groups = new Map<string, PresignItem[]>();
  for (const item of items) {
    const group = groups.get(item.lfn);
    if (group === undefined) groups.set(item.lfn, [item]);
    else group.push(item);
  }
  return groups;
}

function repetitionFault(items: readonly PresignItem[]): string | undefined {
  if (items.length === 1) return undefined;
  const [first, ...others] = items.map(sortedText);
  return others.every((other) => other === first) ? undefined : 'asked more than once with different fields; ask in separate requests';
}

/** Text that is equal for equal items, whatever the order their fields were written in. */
function sortedText(item: PresignItem): string {
  return JSON.stringify(item, (_, value: unknown) =>
    typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
}

/**
 * A form's `key` field is not taken as it stands: stores put the name of the uploaded file in place of `${filename}`, so
 * that the holder would choose the key, and some trim blanks off a field.
 */
function keyFault(lfn: Lfn, operation: Operation): string | undefined {
  if (operation !== 'put_object_by_post') return undefined;
  if (lfn.includes('${filename}')) return 'a form upload would replace "${filename}" in the name';
  const key = objectKeyOf(lfn);
  return key === key.trim() ? undefined : 'a form upload would lose the blanks around the name';
}
