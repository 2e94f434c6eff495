import net from 'node:net';
import type { Socket } from 'node:net';

import type { Address } from '../names/outcome.ts';
import { readsOf } from './reads.ts';

/** Milliseconds until the next address is tried while the last one has not answered (RFC 8305, section 5). */
const attemptDelay = 250;

export interface Dial {
  /** Ends the attempt. The callback is not called. */
  readonly destroy: () => void;
}

/**
 * Opens a TCP connection to the first address that answers (RFC 8305, "happy eyeballs"). The addresses are tried in order.
 * The next one starts 250 ms after the last one, or as soon as that fails; earlier attempts continue meanwhile.
 */
export function dial(
  addresses: readonly Address[],
  port: number,
  callback: (error: Error | null, socket: Socket | null, address: string) => void,
): Dial {
  const open = new Set<Socket>();
  let next = 0;
  let timer: NodeJS.Timeout | null = null;
  let failure: Error | null = null;

  const destroy = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const socket of open) socket.destroy();
    open.clear();
    next = addresses.length;
  };

  const tryNext = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const address = addresses[next++];
    if (address === undefined) return;
    const socket: Socket = net.connect({
      host: address.address,
      family: address.family,
      port,
      noDelay: true,
      autoSelectFamily: false,
      onread: readsOf(() => socket),
    });
    open.add(socket);
    const failed = (error: Error): void => {
      if (!open.delete(socket)) return;
      // The first error is reported: mostly that of the preferred address.
      failure ??= error;
      if (next < addresses.length) tryNext();
      else if (open.size === 0) callback(failure, null, address.address);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      if (!open.delete(socket)) return;
      socket.off('error', failed);
      destroy();
      callback(null, socket, address.address);
    });
    if (next < addresses.length) timer = setTimeout(tryNext, attemptDelay);
  };

  tryNext();
  return { destroy };
}
