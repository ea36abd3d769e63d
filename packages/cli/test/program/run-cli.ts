import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built program, as a user runs it. */
export const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: string;
  /** Sent when the program's output has shown this text. */
  readonly interruptAt?: { readonly text: string; readonly signal: NodeJS.Signals };
  /** Closes its standard output at once, as `| true` does. */
  readonly closeOutput?: boolean;
}

/** Runs the program with nothing of this machine's environment. */
export function runCli(
  words: readonly string[],
  { cwd, env = {}, program: file = program, interruptAt, closeOutput }: RunOptions = {},
): Promise<Run> {
  const bare = { PATH: process.env.PATH ?? '', HOME: cwd ?? '/nonexistent', LANG: 'C.UTF-8', XDG_RUNTIME_DIR: '/nonexistent' };
  const child = spawn(process.execPath, [file, ...words], { cwd, env: { ...bare, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let sent = false;
  const look = (): void => {
    if (interruptAt === undefined || sent || !(stdout + stderr).includes(interruptAt.text)) return;
    sent = true;
    child.kill(interruptAt.signal);
  };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  if (closeOutput === true) child.stdout.destroy();
  else
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      look();
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
