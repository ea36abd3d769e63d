// @ts-check
/** `npm start`: the same world as the demo, left up for you to try, until Ctrl-C. */
import { readFile } from 'node:fs/promises';
import { install, turbo } from './setup.mjs';

install();
turbo('build', { quiet: true });
const { cliProgram, startWorld } = await import('./world/world.mjs');
const { people } = await import('./world/configuration.mjs');

const tokenDays = 7;
const world = await startWorld({ tokenLifetimeSeconds: tokenDays * 86_400 });
const [gateway] = world.gateways;
const { alice } = world.homes;
const users = await Promise.all(
  Object.values(people).map(async ({ username, group }) => {
    const { home, tokenFile } = world.homes[/** @type {keyof typeof people} */ (username)];
    return { username, group, home, tokenFile, token: await readFile(tokenFile, 'utf8') };
  }),
);
const each = (/** @type {(user: (typeof users)[number]) => string} */ line) => users.map(line).join('\n');

process.stdout.write(`
store      ${world.store.origin}   bucket ${world.store.bucket}
gateway    ${gateway?.url}
API        ${gateway?.url}/api/v1/docs
files      ${world.directory}   (removed at the end)

Users, each with a token and no key of the store; carol may administrate the catalog (FileCatalogManagement):
${each(({ username, group, home }) => `  ${username.padEnd(6)} group ${group.padEnd(11)} home ${home}`)}

Their tokens are valid for ${tokenDays} days at this gateway and nowhere else (an issuer for development only; never print those of a real one):
${each(({ username, token }) => `  ${username.padEnd(6)} ${token}`)}

Paste these lines, then try:
${each(({ username, home, tokenFile }) => `  ${username}() { HOME=${home} BEARER_TOKEN_FILE=${tokenFile} node ${cliProgram} "$@"; }`)}

  alice whoami
  alice se list
  alice put /demo/user/a/alice/hello.txt README.md DEMO-S3
  alice replicas /demo/user/a/alice/hello.txt
  alice url /demo/user/a/alice/hello.txt DEMO-S3
  bob get /demo/user/a/alice/hello.txt            # refused
  carol get /demo/user/a/alice/hello.txt          # the administrator may

Or by HTTP, with Alice's token:
  TOKEN=$(cat ${alice.tokenFile})
  curl -s ${gateway?.url}/api/v1/whoami -H "Authorization: Bearer $TOKEN"

With the keys of the store, without the gateway:
  DIRAC_S3_IDENTITY=alice:demo_user HOME=${alice.home} node ${cliProgram} se list --cfg ${world.files.direct}

Up until Ctrl-C.
`);

const stop = () => void world.close().then(() => process.exit(0));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.once(signal, stop);
setInterval(() => undefined, 1 << 30);
