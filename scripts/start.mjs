// @ts-check
/** `npm start`: the same world as the demo, left up for you to try, until Ctrl-C. */
import { install, turbo } from './setup.mjs';

install();
turbo('build', { quiet: true });
const { cliProgram, startWorld } = await import('./world/world.mjs');

const world = await startWorld();
const [gateway] = world.gateways;
const { alice, bob } = world.homes;
const as = (/** @type {{home: string, tokenFile: string}} */ { home, tokenFile }) =>
  `HOME=${home} BEARER_TOKEN_FILE=${tokenFile} node ${cliProgram}`;

process.stdout.write(`
store      ${world.store.origin}   bucket ${world.store.bucket}
gateway    ${gateway?.url}
API        ${gateway?.url}/api/v1/docs
files      ${world.directory}   (removed at the end)

Two users, each with a token and no key of the store:
  alice() { ${as(alice)} "$@"; }
  bob()   { ${as(bob)} "$@"; }

Paste these two lines, then try:
  alice whoami
  alice se list
  alice put /demo/user/a/alice/hello.txt README.md DEMO-S3
  alice replicas /demo/user/a/alice/hello.txt
  alice url /demo/user/a/alice/hello.txt DEMO-S3
  bob get /demo/user/a/alice/hello.txt            # refused

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
