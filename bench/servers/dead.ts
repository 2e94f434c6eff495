/**
 * Hosts that accept connections but never serve anything. Each kind has its own port. Usage: node dead.js
 *
 * - silent: accepts the connection and reads, but never answers; with TLS, the client waits for the
 *   handshake.
 * - reset: resets the connection as soon as it is accepted.
 */
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { tellPorts } from './tell-ports.ts';

const silent = createServer((socket) => {
  // A client that gives up may reset the connection.
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
