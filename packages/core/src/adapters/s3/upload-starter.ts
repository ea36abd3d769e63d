import type { HttpClient } from '../../http/index.js';
import { DiracS3Error } from '../../errors/index.js';
import type { AuthorizedTarget, CredentialsProvider, Presigner, UploadStarter } from '../../ports/index.js';
import { uploadUnsafe } from './presigner.js';
import { createStoreConnections } from './store-connections.js';

export interface UploadStarterOptions {
  readonly presigner: Presigner;
  readonly credentials: CredentialsProvider;
}

/** The answer is short: bucket, key and id. */
const maxAnswerBytes = 64 * 1024;

/** Begins multipart uploads by the store's CreateMultipartUpload. */
export function createUploadStarter({ presigner, credentials }: UploadStarterOptions): UploadStarter & { close(): void } {
  const connections = createStoreConnections();
  return {
    async start(target, { now, partsSignedWith }) {
      const { name, caFile } = target.storageElement;
      if (credentials.credentialsOf(name, partsSignedWith) === undefined) throw uploadUnsafe(name);
      return create(connections.trusting(caFile), await presigner.presign(target, now), target);
    },
    close: () => connections.close(),
  };
}

async function create(http: HttpClient, signed: Awaited<ReturnType<Presigner['presign']>>, target: AuthorizedTarget): Promise<string> {
  const headers = signed.kind === 'url' ? signed.headers : {};
  const answer = await http.send({ method: 'POST', url: signed.url, headers: { ...headers, 'content-length': '0' } });
  const text = (await answer.start(maxAnswerBytes)).toString('utf8');
  const { name } = target.storageElement;
  if (answer.status !== 200) {
    const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(text)?.[1];
    const kind = answer.status === 429 || answer.status >= 500 ? 'storage-unavailable' : 'storage-refused';
    throw new DiracS3Error(kind, `${name} began no upload: it answered ${answer.status}${code === undefined ? '' : ` ${code}`}`);
  }
  // Ids are opaque; those of every store that was met are printable ASCII that XML writes as it stands.
  const [, uploadId] = /<UploadId>([!-%'-;=?-~]{1,1024})<\/UploadId>/.exec(text) ?? [];
  if (uploadId === undefined) throw new DiracS3Error('storage-unavailable', `${name} began an upload without a proper upload id`);
  return uploadId;
}
