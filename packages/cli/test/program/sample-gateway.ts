import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { adler32, failure, lfnFault, type ErrorCode } from '@dirac-s3/core';
import {
  directoryMetadataAnswerSchema,
  metadataAnswerSchema,
  presignAnswerSchema,
  replicasAnswerSchema,
  restPaths,
  restPrefix,
  storageElementsAnswerSchema,
  truthAnswerSchema,
  whoamiAnswerSchema,
} from '@dirac-s3/core/rest-api';

interface Answer {
  readonly successful: unknown[];
  readonly failed: unknown[];
}
interface Question {
  readonly lfns?: readonly string[];
  readonly items?: readonly { lfn: string }[];
  readonly directories?: readonly string[];
}

/** A gateway and its store in one HTTP server: enough of the REST interface, held to its schemas, for the commands that read. */
export class SampleGateway {
  /** The catalog, and what the store has. */
  readonly files = new Map<string, Buffer>();
  readonly directories = new Set(['/demo']);
  /** LFNs this user may not touch. */
  readonly forbidden = new Set<string>();
  readonly token = 'sample-token';
  /** Names of the StorageElements it can sign for. */
  offered = ['DEMO-S3'];
  /** Requests as `POST /api/v1/…`. */
  readonly requests: string[] = [];
  /** The store sends half of a file and then nothing. */
  stalls = false;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  pfnOf(lfn: string): string {
    return `s3://127.0.0.1:${this.port}/bucket${lfn}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    this.requests.push(`${request.method} ${pathname}`);
    if (!pathname.startsWith(restPrefix)) {
      this.#store(pathname.replace('/bucket', ''), request, response);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const question = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Question;
    const known = request.headers.authorization === `Bearer ${this.token}`;
    const body = known ? this.#answer(pathname.slice(restPrefix.length), question) : problem('unauthenticated', 401);
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #answer(path: string, { lfns = [], items = [], directories = [] }: Question): unknown {
    const about = (schema: { parse: (value: unknown) => unknown }, entry: (lfn: string, bytes: Buffer) => object): unknown =>
      schema.parse(this.#bulk(lfns.length > 0 ? lfns : items.map(({ lfn }) => lfn), entry));
    switch (path) {
      case restPaths.whoami:
        return whoamiAnswerSchema.parse({ username: 'alice', group: 'demo_user', vo: 'demo', properties: ['NormalUser'], source: 'token' });
      case restPaths.storageElements:
        return storageElementsAnswerSchema.parse({ storageElements: this.offered.map((name) => this.#element(name)) });
      case restPaths.getReplicas:
        return about(replicasAnswerSchema, (lfn) => ({ replicas: [{ storageElement: 'DEMO-S3', pfn: this.pfnOf(lfn) }] }));
      case restPaths.metadata:
        return about(metadataAnswerSchema, (_, bytes) => metadataOf(bytes));
      case restPaths.directoryMetadata:
        return directoryMetadataAnswerSchema.parse({
          successful: directories.filter((name) => this.directories.has(name)).map((lfn) => ({ lfn, ...directoryFacts })),
          failed: directories.filter((name) => !this.directories.has(name)).map(missing),
        });
      case restPaths.access:
      case restPaths.exists:
        return about(truthAnswerSchema, () => ({ value: true }));
      case restPaths.presign:
        return about(presignAnswerSchema, (lfn) => ({
          kind: 'url',
          httpMethod: 'GET',
          url: `http://127.0.0.1:${this.port}/bucket${lfn}?X-Amz-Signature=${'5'.repeat(64)}`,
          headers: {},
          expiresAt: '2030-01-01T00:00:00.000Z',
        }));
      default:
        return problem('not-found', 404);
    }
  }

  #element(name: string): object {
    const status = { Read: 'Active', Write: 'Active', Remove: 'Active', Check: 'Active' };
    return { name, bucket: 'bucket', endpoint: `http://127.0.0.1:${this.port}`, vos: [], status, uploads: ['post'] };
  }

  #bulk(lfns: readonly string[], entry: (lfn: string, bytes: Buffer) => object): Answer {
    const answer: Answer = { successful: [], failed: [] };
    for (const lfn of lfns) {
      const bytes = this.files.get(lfn);
      const code: ErrorCode | undefined =
        lfnFault(lfn) !== undefined ? 'invalid-lfn' : this.forbidden.has(lfn) ? 'permission-denied' : bytes ? undefined : 'no-such-file';
      if (bytes !== undefined && code === undefined) answer.successful.push({ lfn, ...entry(lfn, bytes) });
      else answer.failed.push({ lfn, errno: 2, ...failure(code ?? 'no-such-file', `${lfn}: said the catalog`) });
    }
    return answer;
  }

  #store(lfn: string, request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.files.get(lfn);
    request.resume();
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-length': bytes.length, 'x-amz-meta-checksum': adler32(bytes) });
    if (this.stalls) response.write(bytes.subarray(0, bytes.length / 2));
    else response.end(bytes);
  }
}

const directoryFacts = { owner: 'alice', ownerGroup: 'demo_user', mode: 0o755, createdAt: '2026-11-24T04:25:33.000Z' };

function missing(lfn: string): object {
  return { lfn, errno: 2, ...failure('no-such-file', `${lfn}: said the catalog`) };
}

function metadataOf(bytes: Buffer): object {
  return {
    sizeBytes: bytes.length,
    checksum: adler32(bytes),
    checksumType: 'Adler32',
    guid: 'C0191E52-67D5-044C-1F1A-69407BDDAE02',
    owner: 'alice',
    ownerGroup: 'demo_user',
    mode: 0o700,
    status: 'AprioriGood',
    createdAt: '2026-11-24T04:25:33.000Z',
    modifiedAt: '2026-11-24T04:25:33.000Z',
  };
}

function problem(code: ErrorCode, status: number): object {
  return { type: `urn:x:${code}`, title: code, status, detail: 'the sample gateway refuses', code, errno: 1, requestId: 'r' };
}
