import { DiracS3Error } from '../../errors/index.js';
import type { Clock, CredentialsProvider, TargetFacts } from '../../ports/index.js';
import { readListing, type ListingPage, type ListingQuestion } from './listing-document.js';
import { bucketPlaceOf, type UnsignedRequest } from './signed-request.js';
import { createStoreConnections } from './store-connections.js';
import { createUrlSigner } from './url-signer.js';

export interface ListingRequestsOptions {
  readonly credentials: CredentialsProvider;
  readonly clock: Clock;
}

/** A page that is asked for. */
export interface PageQuestion extends ListingQuestion {
  /** Entries at most: 1 to 1000. */
  readonly maxKeys: number;
}

export type ListingPlace = Pick<TargetFacts, 'storageElement' | 'bucket'>;

export interface ListingRequests {
  /** One page of a listing. @throws storage-unavailable, storage-refused */
  page(place: ListingPlace, question: PageQuestion): Promise<ListingPage>;
  close(): void;
}

/** The URL is used at once and leaves this process only for the store. */
const expiresInSeconds = 60;

/** A thousand keys of 1024 bytes, each byte written as three, and the rest of their entries. */
const maxDocumentBytes = 8 * 1024 * 1024;

/** Requests for pages of a listing, signed with the main keys of the StorageElement: what they tell is for this process to judge. */
export function createListingRequests({ credentials, clock }: ListingRequestsOptions): ListingRequests {
  const connections = createStoreConnections();
  const urlOf = ({ storageElement, bucket }: ListingPlace, question: PageQuestion): string => {
    const { name, region } = storageElement;
    const keys = credentials.credentialsOf(name, 'main');
    if (keys === undefined) throw new DiracS3Error('storage-unavailable', `this process has no credentials of ${name}`);
    // Others are sent to the public endpoint; this process asks where the store is configured.
    const place = bucketPlaceOf({ storageElement: { ...storageElement, publicEndpoint: undefined }, bucket });
    return createUrlSigner(region, keys)(requestOf(place, question), { now: clock.now(), expiresInSeconds });
  };
  return {
    async page(place, question) {
      const { name, caFile } = place.storageElement;
      const request = { method: 'GET', url: urlOf(place, question), headers: {}, repeatable: true };
      const answer = await connections.trusting(caFile).send(request);
      const document = (await answer.start(maxDocumentBytes)).toString('utf8');
      if (answer.status === 200) return readListing(document, question);
      const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(document)?.[1];
      const kind = answer.status === 429 || answer.status >= 500 ? 'storage-unavailable' : 'storage-refused';
      throw new DiracS3Error(kind, `${name} was not listed: it answered ${answer.status}${code === undefined ? '' : ` ${code}`}`);
    },
    close: () => connections.close(),
  };
}

function requestOf(
  { protocol, host, path }: ReturnType<typeof bucketPlaceOf>,
  { prefix, startAfter, maxKeys }: PageQuestion,
): UnsignedRequest {
  return {
    method: 'GET',
    protocol,
    host,
    path: path === '' ? '/' : path,
    query: {
      'list-type': '2',
      'encoding-type': 'url',
      delimiter: '/',
      prefix,
      'max-keys': String(maxKeys),
      ...(startAfter !== '' && { 'start-after': startAfter }),
    },
    headers: {},
  };
}
