import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { DiracS3Error } from '../errors/index.js';
import { systemCodeOf } from '../http/index.js';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with its number, where the system says when it began. */
  readonly began: string;
}

/**
 * Takes the lock file `path`, so that one process alone works on a transfer. A lock whose process has died on this machine is stale and
 * replaced; one of another machine cannot be judged, and holds until it is removed.
 *
 * @returns what gives it back
 * @throws local-file while another process has it; the fault of the system where it cannot be written
 */
export async function lockTransfer(path: string, what: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, host: hostname(), began: await beganOf(process.pid) };
  if (!(await create(path, JSON.stringify(mine)))) {
    const breaker = `${path}.break`;
    if (!(await create(breaker, ''))) throw busy(what, undefined, breaker);
    try {
      const holder = await holderOf(path);
      if (holder === undefined || !(await isStale(holder))) throw busy(what, holder, path);
      await rm(path, { force: true });
      if (!(await create(path, JSON.stringify(mine)))) throw busy(what, undefined, path);
    } finally {
      await rm(breaker, { force: true });
    }
  }
  return () => rm(path, { force: true });
}

/** True while a living process, or one of another machine, has the lock. */
export async function isLocked(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  return holder !== undefined && !(await isStale(holder));
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(text);
    } catch (cause) {
      // Without its content nobody could tell whose it is.
      await rm(path, { force: true });
      throw cause;
    } finally {
      await handle.close();
    }
    return true;
  } catch (cause) {
    if (systemCodeOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

/** A lock without readable content may be one that is just being written, and holds. */
async function holderOf(path: string): Promise<Partial<Holder> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
  } catch (cause) {
    if (systemCodeOf(cause) === 'ENOENT') return undefined;
    return {};
  }
}

async function isStale({ pid, host, began }: Partial<Holder>): Promise<boolean> {
  if (host !== hostname() || pid === undefined) return false;
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return systemCodeOf(cause) === 'ESRCH';
  }
  const now = await beganOf(pid);
  return began !== undefined && began !== '' && now !== '' && began !== now;
}

/** Field 22 of /proc/PID/stat (proc(5)): ticks since the machine started; empty where there is no such file. */
async function beganOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function busy(what: string, holder: Partial<Holder> | undefined, path: string): DiracS3Error {
  const who = holder?.pid === undefined ? 'another process' : `process ${holder.pid} on ${holder.host ?? 'another machine'}`;
  return new DiracS3Error('local-file', `${what} is being transferred by ${who}; if that is not so, remove ${path}`);
}
