// @ts-check
/** One TCP address in front of several servers: each connection goes to the next one that accepts it. TLS passes through untouched. */
import { connect, createServer } from 'node:net';

/** @param {number[]} ports of the servers on loopback */
export async function startBalancer(ports) {
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  let turn = 0;
  const server = createServer((client) => {
    track(client);
    turn += 1;
    tryNext(client, [...ports.slice(turn % ports.length), ...ports.slice(0, turn % ports.length)]);
  });
  /** @param {import('node:net').Socket} socket */
  const track = (socket) => void open.add(socket.once('close', () => open.delete(socket)));
  /** @param {import('node:net').Socket} client @param {number[]} candidates */
  const tryNext = (client, [port, ...others]) => {
    if (port === undefined) return void client.destroy();
    const upstream = connect(port, '127.0.0.1');
    track(upstream);
    let connected = false;
    upstream.once('connect', () => {
      connected = true;
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => (connected ? client.destroy() : tryNext(client, others)));
    client.on('error', () => upstream.destroy());
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const close = async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: address !== null && typeof address === 'object' ? address.port : 0, close };
}
