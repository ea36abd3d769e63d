import { createHash } from 'node:crypto';
import { Adler32, combineAdler32, sameAdler32 } from '../domain/index.js';
import { DiracS3Error } from '../errors/index.js';
import type { BodyWriter } from '../http/index.js';
import { uploadOnce } from './multipart-once.js';
import { uploadPart } from './multipart-requests.js';
import { headOf, type MultipartOptions, type MultipartTools } from './multipart-work.js';
import { partSizeOf, piecesOf, type Piece } from './part-plan.js';
import { differenceOf } from './put-group.js';
import { mayPassLater } from './retry-transfer.js';
import { withRetries } from './retry.js';
import type { ReplicaSource, StoredObject, Upload } from './types.js';
import type { UploadSession } from './upload-session.js';

export type ReplicaUpload = Upload & { readonly source: { readonly replica: ReplicaSource } };

/**
 * Sends what is read from elsewhere in parts: each range goes from the source's answer into the part's request, several at a time, and a part that
 * fails is read and sent again. The parts become an object only after their Adler-32 together is that of the source.
 */
export async function putReplica(tools: MultipartTools, upload: ReplicaUpload, options: MultipartOptions): Promise<StoredObject> {
  const { lfn, source } = upload;
  const { sizeBytes, checksum } = source.replica;
  const sums = new Map<number, string>();
  const sender = new PartSender(tools, upload, options);
  const refuseOther = (): void => {
    const pieces = piecesOf(sizeBytes, partSizeOf(sizeBytes, tools.partBytes));
    const found = pieces.reduce((sum, { number, length }) => combineAdler32(sum, sums.get(number) ?? '', length), '00000001');
    if (!sameAdler32(found, checksum))
      throw new DiracS3Error('checksum-mismatch', `${lfn}: the Adler-32 of what came is ${found}, not ${checksum}`);
  };
  const maker = {
    part: async (session: UploadSession, piece: Piece): Promise<string> => {
      const { etag, adler } = await sender.send(session, piece);
      sums.set(piece.number, adler);
      return etag;
    },
    beforeEnd: () => Promise.resolve().then(refuseOther),
  };
  const object = { lfn, sizeBytes, checksum };
  await uploadOnce(tools, { object, maker, copied: false }, options);
  const difference = differenceOf(lfn, object, await headOf(tools, { upload, options }));
  if (difference !== undefined) throw difference;
  return { sizeBytes, checksum, pfn: tools.storageUrl(lfn) };
}

class PartSender {
  readonly #tools: MultipartTools;
  readonly #upload: ReplicaUpload;
  readonly #options: MultipartOptions;
  #doneBytes = 0;

  constructor(tools: MultipartTools, upload: ReplicaUpload, options: MultipartOptions) {
    this.#tools = tools;
    this.#upload = upload;
    this.#options = options;
  }

  send(session: UploadSession, piece: Piece): Promise<{ etag: string; adler: string }> {
    const { lfn } = this.#upload;
    const url = session.url('upload_part', lfn, { partNumber: piece.number, sizeBytes: piece.length });
    const retry = { ...this.#tools.retry, signal: this.#options.signal };
    return withRetries(() => url.use((signed) => this.#sendOnce(signed, piece)), retry, mayPassLater);
  }

  async #sendOnce(signed: Parameters<typeof uploadPart>[2]['signed'], piece: Piece): Promise<{ etag: string; adler: string }> {
    const { lfn, source } = this.#upload;
    const { signal, rate } = this.#options;
    const [adler, md5] = [new Adler32(), createHash('md5')];
    let sent = 0;
    const body = async (to: BodyWriter): Promise<void> => {
      for await (const chunk of source.replica.chunks(piece)) {
        sent += chunk.length;
        if (sent > piece.length) throw otherLength(lfn, piece);
        adler.update(chunk);
        md5.update(chunk);
        for await (const slice of rate.pass(chunk, signal)) await to.write(slice);
        this.#report(chunk.length);
      }
      if (sent < piece.length) throw otherLength(lfn, piece);
    };
    try {
      const what = `${lfn} (part ${piece.number})`;
      const { etag } = await uploadPart(this.#tools.http, what, {
        signed,
        signal,
        body,
        length: piece.length,
        md5: () => md5.digest('hex'),
      });
      return { etag, adler: adler.digest() };
    } catch (thrown) {
      this.#report(-sent);
      throw thrown;
    }
  }

  #report(bytes: number): void {
    const { lfn, source } = this.#upload;
    const totalBytes = source.replica.sizeBytes;
    this.#options.onProgress?.({ lfn, phase: 'transfer', doneBytes: (this.#doneBytes += bytes), totalBytes });
  }
}

function otherLength(lfn: string, { number, length }: Piece): DiracS3Error {
  return new DiracS3Error('storage-unavailable', `${lfn} (part ${number}): the source gave more or less than ${length} bytes`);
}
