import type { Socket } from 'node:net';

/**
 * Makes a socket whose write fails read what has come before it is destroyed. A server that does not want a
 * body answers early (413, 401) and closes the connection. The reply then still lies in the system's buffer,
 * and Node would destroy the socket without reading it. Does not help over TLS, where nothing more can be read
 * after such a failure.
 *
 * @param onBroken called when nothing more can be sent
 */
export function hearLastWords(socket: Socket, onBroken: () => void): void {
  const destroy = socket.destroy.bind(socket);
  let isBroken = false;
  socket.destroy = (error?: Error & { readonly syscall?: string }): Socket => {
    if (error?.syscall !== 'write' || isBroken) return destroy(error);
    isBroken = true;
    onBroken();
    // The event loop reads what has come between these two callbacks.
    setImmediate(() => setImmediate(() => destroy(error)));
    return socket;
  };
}
