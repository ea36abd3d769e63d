import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Store } from '../rpc/recorded-cfg.js';

const program = fileURLToPath(new URL('../../../core/dist/testing/development-store/main.js', import.meta.url));

export interface RunningStore extends Store {
  readonly origin: string;
  stop(): Promise<void>;
}

/** The development store as a process of its own, which ends with this one. */
export async function startDevelopmentStore(directory: string, ...buckets: string[]): Promise<RunningStore> {
  const args = [program, '--directory', directory, ...buckets.flatMap((bucket) => ['--bucket', bucket])];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { origin, accessKeyId, secretAccessKey } = JSON.parse(line) as Record<'origin' | 'accessKeyId' | 'secretAccessKey', string>;
  return {
    origin,
    port: new URL(origin).port,
    accessKeyId,
    secretAccessKey,
    stop: async () => {
      const gone = once(child, 'exit');
      child.stdin.end();
      await gone;
    },
  };
}
