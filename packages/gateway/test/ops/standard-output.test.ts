import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const built = new URL('../../dist/ops/standard-output.js', import.meta.url).href;
const folder = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a module whose `out` is the standard output of the gateway; the pipe does not block, as in a process that looked at `process.stdout`. */
function start(code: string) {
  const source = `import { standardOutput } from '${built}'; process.stdout.writable; const out = standardOutput(); ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, ended };
}

describe('the standard output of the gateway', () => {
  it('has every line in its order though the reader is late and the process ends at once', async () => {
    const { child, ended } = start(
      `process.stderr.write('begins'); for (let i = 0; i < 40; i += 1) out.write((String(i).padStart(99, '\\u00fc') + '\\n').repeat(1000)); process.exit(0);`,
    );
    await new Promise((resolve) => child.stderr.once('data', resolve));
    // More than a pipe holds is on its way now, and nobody has read any of it.
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
    expect(await ended).toBe(0);
    const lines = Array.from({ length: 40_000 }, (_, at) => String(Math.floor(at / 1000)).padStart(99, '\u00fc'));
    expect(Buffer.concat(chunks).toString('utf8')).toBe(`${lines.join('\n')}\n`);
  });

  it('throws EPIPE when nobody reads any more', async () => {
    const { child, ended } = start(
      `process.stdin.once('data', () => { try { out.write('x'); } catch (fault) { process.stderr.write(fault.code); } process.exit(0); });`,
    );
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.stdout.destroy();
    child.stdout.once('close', () => child.stdin.write('go'));
    expect(await ended).toBe(0);
    expect(said).toBe('EPIPE');
  });
});
