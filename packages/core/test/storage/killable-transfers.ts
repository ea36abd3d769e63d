import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import type { Lfn, StorageElement } from '../../src/domain/index.js';
import type { MultipartUploads, UrlSource } from '../../src/ports/index.js';

const here = fileURLToPath(new URL('.', import.meta.url));

export interface KillableOptions {
  readonly urls: UrlSource;
  readonly multipart: MultipartUploads;
  readonly element: StorageElement;
  readonly lfn: Lfn;
  /** The local file of each direction. */
  readonly paths: Readonly<Record<Action, string>>;
}

type Action = 'put' | 'get';

/** Transfers of one file in processes of their own, two parts of 5 MiB or two ranges of 1 MiB at a time. This process signs for them. */
export class KillableTransfers {
  readonly #options: KillableOptions;
  readonly #signer: Server;

  private constructor(options: KillableOptions) {
    this.#options = options;
    const { urls, multipart } = options;
    this.#signer = createServer((request, response) => {
      void text(request).then(async (question) => {
        const { call, body } = JSON.parse(question) as { call: 'presign' | 'begin' | 'renew'; body: never };
        const { storageElement, uploads } = body as { storageElement: string; uploads: never };
        const { successful, failed } = await (call === 'presign' ? urls.presign(body) : multipart[call](storageElement, uploads));
        response.end(JSON.stringify({ successful: [...successful], failed: [...failed] }));
      });
    });
  }

  static async open(options: KillableOptions): Promise<KillableTransfers> {
    const transfers = new KillableTransfers(options);
    await new Promise<void>((resolve) => transfers.#signer.listen(0, '127.0.0.1', resolve));
    return transfers;
  }

  /** Runs a transfer to its end; gives its exit code. */
  finish(action: Action): Promise<number | null> {
    return end(this.#start(action));
  }

  /** Runs a transfer, and kills it (SIGKILL) once it has said that so many bytes are done. */
  async killAt(action: Action, doneBytes: number): Promise<void> {
    const child = this.#start(action);
    child.stdout!.on('data', (chunk: Buffer) => {
      const last = /transfer (\d+)\n$/.exec(chunk.toString())?.[1];
      if (Number(last) >= doneBytes) child.kill('SIGKILL');
    });
    expect(await end(child)).toBeNull();
  }

  close(): void {
    this.#signer.closeAllConnections();
    this.#signer.close();
  }

  #start(action: Action): ChildProcess {
    const { paths, lfn, element } = this.#options;
    const url = `http://127.0.0.1:${(this.#signer.address() as AddressInfo).port}/`;
    const argv = [join(here, 'transfer-child.mjs'), join(here, '../../dist'), action, url, paths[action], lfn, JSON.stringify(element)];
    return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  }
}

function end(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}
