import type { Socket } from 'node:net';

/**
 * Lets a reply be read that came before its connection was closed, where a write is the first to hear of that. A server that
 * does not want what is sent answers early (413, 401) and closes; the reply still lies in the system, and Node would end the
 * socket at once. Over TLS nothing more can be read then.
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
    // What has come is read between the two.
    setImmediate(() => setImmediate(() => destroy(error)));
    return socket;
  };
}
