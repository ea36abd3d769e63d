import {
  bucketFor,
  DiracS3Error,
  failure,
  failureOf,
  lfnOfStorageUrl,
  storageUrlBaseOf,
  type BulkResult,
  type Failure,
  type Identity,
  type Lfn,
  type Presigned,
  type PresignItem,
  type S3Method,
  type StorageElement,
} from '@dirac-s3/core';
import { diracObject, sError, sOk, type DiracValue } from '@dirac-s3/core/dirac-protocol';
import { excerpt } from '../../excerpt.js';
import type { RpcCall, RpcMethod } from '../method.js';
import { longestTransferSeconds, readArguments, type AskedUrls } from '../presigned-url/arguments.js';
import { chooseStorageElement } from '../presigned-url/choose-storage-element.js';
import { outcomeText } from '../presigned-url/outcome-text.js';
import { readPutFields } from '../presigned-url/put-fields.js';

/**
 * Presigned URLs for storage URLs, DIRAC's way (`S3GatewayHandler.export_createPresignedUrl`). `Successful` holds a text per URL, for
 * `put_object` `{url, fields}`; both dicts are keyed by the URLs exactly as they were sent.
 */
export const createPresignedUrl: RpcMethod = {
  name: 'createPresignedUrl',
  parameters: ['storageName', 's3_method', 'urls', 'expiration'],
  run: async (call) => {
    const { args, caller, services, service } = call;
    const asked = readArguments(args, service.maxItems);
    const { identity } = caller;
    if (identity === undefined) return sError(13, 'Could not obtain remote credentials');
    const element = chooseStorageElement(services.storageElements, {
      storageName: asked.storageName,
      urls: asked.urls.keys(),
      vo: identity.vo,
    });
    const outcomes = isOffered(asked.s3Method)
      ? await presignAll({ ...asked, s3Method: asked.s3Method, element, identity }, call)
      : refuseAll(asked, failure('invalid-argument', `Unknown S3 method ${excerpt(asked.s3Method, 100)}`));
    return sOk(encode(outcomes));
  },
};

/** What the original offers; the multipart methods of the REST interface are not for this endpoint. */
const offered = ['head_object', 'get_object', 'put_object', 'delete_object'] as const satisfies readonly S3Method[];
type Offered = (typeof offered)[number];

function isOffered(method: string): method is Offered {
  return offered.some((known) => known === method);
}

interface Question extends AskedUrls {
  readonly s3Method: Offered;
  readonly element: StorageElement;
  readonly identity: Identity;
}

type Outcomes = ReadonlyMap<string, { readonly value: DiracValue } | { readonly fault: Failure }>;

/** One question to the use case for all URLs; several spellings of one LFN (`:0`) share its answer. */
async function presignAll(question: Question, call: RpcCall): Promise<Outcomes> {
  const { urls, s3Method, element, identity } = question;
  const base = storageUrlBaseOf(element, identity.vo);
  const refused = new Map<string, Failure>();
  const lfns = new Map<string, Lfn>();
  const items: PresignItem[] = [];
  for (const [url, fields] of urls) {
    try {
      const lfn = lfnOfStorageUrl(base, url);
      items.push({ lfn, ...(s3Method === 'put_object' && readPutFields(fields)) });
      lfns.set(url, lfn);
    } catch (fault) {
      refused.set(url, failureOf(fault));
    }
  }
  const answer = await ask(question, items, call);
  if ('code' in answer) return refuseAll(question, answer);
  const outcomeOf = (url: string): { value: DiracValue } | { fault: Failure } => {
    const lfn = lfns.get(url);
    const signed = lfn === undefined ? undefined : answer.successful.get(lfn);
    if (lfn !== undefined && signed !== undefined) return { value: valueOf(signed, { lfn, ...question }, call) };
    return { fault: refused.get(url) ?? answer.failed.get(lfn ?? '') ?? failure('catalog-unavailable', 'no answer for this URL') };
  };
  return new Map([...urls.keys()].map((url) => [url, outcomeOf(url)]));
}

/** A catalog that cannot be asked fails each URL, as in the original; other faults of the whole request are thrown. */
async function ask(
  { s3Method, element, identity, expirationSeconds }: Question,
  items: readonly PresignItem[],
  { services, requestId }: RpcCall,
): Promise<BulkResult<Presigned> | Failure> {
  try {
    return await services.presignUrls({
      storageElement: element.name,
      method: s3Method,
      items,
      purpose: expirationSeconds > longestTransferSeconds ? 'external' : 'transfer',
      expirationSeconds,
      identity,
      requestId,
    });
  } catch (thrown) {
    if (thrown instanceof DiracS3Error && catalogFaults.includes(thrown.code)) return failureOf(thrown);
    throw thrown;
  }
}

const catalogFaults: readonly string[] = ['catalog-unavailable', 'service-unavailable', 'service-error'];

function refuseAll({ urls }: AskedUrls, fault: Failure): Outcomes {
  return new Map([...urls.keys()].map((url) => [url, { fault }]));
}

/**
 * A text or, for an upload, `{url, fields}`. For `head_object` DIRAC 9.0 asks with GET whether a file exists and with HEAD what it is, by URLs it
 * requested in the same words: where the gateway has a probe listener, its link serves both.
 */
function valueOf(
  presigned: Presigned,
  { lfn, s3Method, element, identity }: Pick<Question, 's3Method' | 'element' | 'identity'> & { readonly lfn: Lfn },
  { services }: RpcCall,
): DiracValue {
  if (presigned.kind === 'post') {
    const { url, fields } = presigned;
    return diracObject([
      ['url', url],
      ['fields', diracObject(Object.entries(fields))],
    ]);
  }
  if (s3Method !== 'head_object' || services.probe === undefined) return presigned.url;
  const { username, group, vo } = identity;
  const permitted = { storageElement: element.name, bucket: bucketFor(element, vo), lfn, username, group, vo };
  return services.probe.linkFor(permitted, presigned.expiresAt);
}

function encode(outcomes: Outcomes): DiracValue {
  const successful: [string, DiracValue][] = [];
  const failed: [string, DiracValue][] = [];
  for (const [url, outcome] of outcomes) {
    if ('value' in outcome) successful.push([url, outcome.value]);
    else failed.push([url, outcomeText(outcome.fault)]);
  }
  return diracObject([
    ['Successful', diracObject(successful)],
    ['Failed', diracObject(failed)],
  ]);
}
