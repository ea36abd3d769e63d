import { DiracS3Error, failureOf, type Failure } from '@dirac-s3/core';
import type { Command } from '../command.js';
import type { Credential } from '../credentials/find-credential.js';
import { tokenFacts } from '../credentials/token-facts.js';
import { printable } from '../output/printable.js';
import type { CommandResult } from '../output/result.js';
import type { Session, Who } from '../session.js';

export const whoami: Command = {
  positionals: [],
  options: {},
  examples: [['', 'Which proxy or token is used, and as whom the gateway knows you']],
  readOnly: true,
  run: async ({ openSession }) => {
    const session = await openSession();
    const shown = await session.credential();
    const credential = shown === undefined ? undefined : await describe(shown);
    const who = await askWho(session);
    const known = 'code' in who ? undefined : who;
    const rows: [string, string | undefined][] = [
      ['user', known?.username],
      ['group', known?.group],
      ['vo', known?.vo],
      ['properties', known?.properties.join(', ')],
      ['dn', known?.dn],
      ['proven by', known?.source === 'local' ? 'nothing: the SQLite catalog takes your word for it' : known?.source],
      ...Object.entries(credential ?? {}).map(([name, value]): [string, string] => [columns[name] ?? name, value]),
      ['catalog', words[await session.catalogKind()]],
    ];
    const text = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)}  ${printable(value)}\n`])).join('');
    return answer(text, credential, who);
  },
};

const words = { sqlite: 'an SQLite file', 'file-catalog': 'the File Catalog', gateway: 'what the gateway has' };
const columns: Readonly<Record<string, string>> = { kind: 'shown', from: 'found by', proxyGroup: 'its group', expiresAt: 'until' };

/** What the gateway says; that it refuses is something to tell beside the credential, not instead of it. */
async function askWho(session: Session): Promise<Who | Failure> {
  try {
    return await session.whoami();
  } catch (thrown) {
    if (thrown instanceof DiracS3Error) return failureOf(thrown);
    throw thrown;
  }
}

async function describe(credential: Credential): Promise<Record<string, string>> {
  if (credential.kind === 'proxy') {
    const { dn, group, isLimited, notAfter } = credential.proof;
    return {
      kind: isLimited ? 'limited grid proxy' : 'grid proxy',
      file: credential.file,
      from: credential.from,
      owner: dn,
      ...(group !== undefined && { proxyGroup: group }),
      expiresAt: until(notAfter),
    };
  }
  const { issuer, subject, expiresAt } = tokenFacts(await credential.token());
  return {
    kind: 'token',
    from: credential.from,
    ...(issuer !== undefined && { issuer }),
    ...(subject !== undefined && { subject }),
    ...(expiresAt !== undefined && { expiresAt: until(expiresAt) }),
  };
}

function until(end: Date): string {
  const minutes = Math.floor((end.getTime() - Date.now()) / 60_000);
  const left = minutes < 0 ? 'it is over' : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
  return `${end.toISOString()} (${left})`;
}

function answer(text: string, credential: Record<string, string> | undefined, who: Who | Failure): CommandResult {
  const json = (known: object): object => ({ ...known, ...(credential && { credential }) });
  if ('code' in who) {
    const { code, message } = who;
    return { text, json: json({ error: { code, message } }), failures: new Map([['gateway', who]]), succeeded: 0 };
  }
  const { username, group, vo, properties, dn, source } = who;
  const known = { username, group, vo, properties, ...(dn === undefined ? {} : { dn }), source };
  return { text, json: json(known), failures: new Map(), succeeded: 1 };
}
