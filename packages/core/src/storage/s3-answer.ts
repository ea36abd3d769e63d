import type { IncomingMessage } from 'node:http';
import { DiracS3Error, type ErrorCode } from '../errors/index.js';

/** Error documents are short; more than this is not one. */
const maxErrorBytes = 16 * 1024;

/** Reads a body to its end and forgets it, so that the connection can be used again. */
export async function discard(response: IncomingMessage): Promise<void> {
  for await (const chunk of response) void chunk;
}

/**
 * The error an S3 answer stands for. Of its XML only `<Code>` is taken (S3 API reference, "Error responses"): messages of stores
 * quote URLs and keys.
 */
export async function errorOf(response: IncomingMessage, what: string): Promise<DiracS3Error> {
  const status = response.statusCode ?? 0;
  const code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(await startOf(response))?.[1];
  return new DiracS3Error(codeOf(status), `${what}: the store answered ${status}${code === undefined ? '' : ` ${code}`}`);
}

function codeOf(status: number): ErrorCode {
  if (status === 404) return 'no-such-file';
  if (status === 412) return 'file-exists';
  if (status === 429 || status >= 500) return 'storage-unavailable';
  return 'storage-refused';
}

async function startOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxErrorBytes) {
        response.destroy();
        break;
      }
      chunks.push(chunk);
    }
  } catch {
    // The status is known already; a body that breaks off adds nothing to it.
  }
  return Buffer.concat(chunks).toString('utf8');
}
