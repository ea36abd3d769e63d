import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandTable } from '../../src/command-table.js';
import { diracCommands } from '../../src/dirac-names.js';
import type { CommandCase, DiracCase } from './case.js';
import { catalogCases } from './catalog-cases.js';
import { CommandWorld } from './command-world.js';
import { diracCases } from './dirac-cases.js';
import { elementCases } from './element-cases.js';
import { shortCases } from './short-cases.js';
import { stoppedCases } from './stopped-cases.js';
import { transferCases } from './transfer-cases.js';

const ownCases: Readonly<Record<string, CommandCase>> = { ...transferCases, ...catalogCases, ...elementCases, ...stoppedCases };
const allDiracCases: Readonly<Record<string, DiracCase>> = { ...diracCases, ...shortCases };
let world: CommandWorld;

beforeAll(async () => {
  world = await CommandWorld.start();
}, 120_000);
afterAll(() => world.close());

/** Runs the four of a case side by side; `name`: under which of DIRAC's. */
async function check({ wrong, words, text, json, fails, env }: CommandCase, name?: string): Promise<void> {
  const options = { ...(name !== undefined && { name }), ...(env && { env: env(world) }) };
  const [once, again] = [await words(world), await words(world)];
  const [refused, failed, said, answered] = await Promise.all(
    [wrong.words, fails.words, once, [...again, '--output', 'json']].map((typed) => world.run(typed, options)),
  );
  expect({ ...said, stderr: withoutPrompt(said!.stderr) }).toMatchObject({ code: 0, stderr: '' });
  const expected = text(once, world);
  if (typeof expected === 'string') expect(said!.stdout).toBe(expected);
  else expect(said!.stdout).toMatch(expected);
  expect(answered).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{.*\}\n$/) });
  expect(JSON.parse(answered!.stdout)).toMatchObject(json(again, world));
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(wrong.says) });
  expect(failed).toMatchObject({ code: fails.code, stderr: expect.stringMatching(fails.says) });
}

/** What a user has to do is said beside the result. */
function withoutPrompt(stderr: string): string {
  return stderr.replace(/^dirac-s3: (?:open http|and enter the code).*\n/gm, '');
}

describe('every command, through the real binary, takes its arguments, prints text and JSON, and ends with its code', () => {
  it('has a case, and every case a command', () => {
    expect(Object.keys(ownCases).sort()).toEqual(commandTable.map(({ name }) => name).sort());
    const diracNames = diracCommands().map(({ diracName }) => diracName);
    expect(Object.keys(allDiracCases).sort()).toEqual(diracNames.sort());
  });

  it.each(Object.keys(ownCases))('dirac-s3 %s', (name) => check(ownCases[name]!));

  it.each(Object.keys(allDiracCases))("%s, and with DIRAC's own exit code", async (name) => {
    const { fails, diracCode, env } = allDiracCases[name]!;
    await check(allDiracCases[name]!, name);
    const { code } = await world.run([...fails.words, '--dirac-exit-codes'], { name, ...(env && { env: env(world) }) });
    expect(code).toBe(diracCode);
  });
});
