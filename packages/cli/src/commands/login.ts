import type { Command } from '../command.js';
import { plainResult } from '../output/result.js';
import { printable } from '../output/printable.js';

export const login: Command = {
  positionals: [],
  options: {
    issuer: { type: 'string', value: 'URL', describe: 'Issuer of tokens (default: the one in /Resources/IdProviders)' },
    'client-id': { type: 'string', value: 'ID', describe: 'Name of this program at the issuer (default: client_id there)' },
    scope: { type: 'string', value: 'SCOPES', describe: 'What the token is for (default: scope there, else "openid offline_access")' },
  },
  examples: [
    ['', 'Log in at the issuer of the configuration'],
    ['--issuer https://iam.example.org/ --client-id dirac-s3', 'Log in at another one'],
  ],
  notes: 'The device flow (RFC 8628): open the address that is shown in a browser, on whichever machine, and enter the code.',
  readOnly: true,
  run: async ({ openSession, signal, tell }, args) => {
    const session = await openSession();
    const request = { issuer: args.text('issuer'), clientId: args.text('client-id'), scope: args.text('scope') };
    const { issuer, expiresAt, file } = await session.login(request, {
      signal,
      show: ({ verificationUri, completeUri, userCode, lifetimeSeconds }) => {
        tell(`open ${printable(completeUri ?? verificationUri)}`);
        tell(`and enter the code ${printable(userCode)}, within ${Math.ceil(lifetimeSeconds / 60)} minutes`);
      },
    });
    const ends = expiresAt === undefined ? '' : `; the token is good until ${expiresAt.toISOString()}`;
    return plainResult(`logged in at ${issuer}${ends}\n`, { issuer, file, ...(expiresAt && { expiresAt: expiresAt.toISOString() }) });
  },
};
