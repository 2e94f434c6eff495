/**
 * Hosts that are there and give nothing, each on a port of its own. Usage: node dead.js
 *
 * - silent: takes the connection and reads, but never answers; whoever speaks TLS waits for the handshake.
 * - reset: resets the connection as soon as it is there.
 */
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tellPorts } from './tell-ports.ts';

const silent = createServer((socket) => {
  // The client that gives up may do so with a reset.
  socket.on('error', () => {}).resume();
});
const reset = createServer((socket) => {
  socket.on('error', () => {}).resetAndDestroy();
});

async function listen(server: Server): Promise<void> {
  server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 });
  await once(server, 'listening');
}

await Promise.all([listen(silent), listen(reset)]);
tellPorts({ silent, reset });
