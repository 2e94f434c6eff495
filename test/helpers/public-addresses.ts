import { Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

interface ConnectOptions {
  host: string;
}

/**
 * Lets every connection of this process end at 127.0.0.1, whatever address it was meant for, so that public ones can
 * be dialled here. Only for tests that run alone in their file.
 *
 * @returns the addresses that were dialled, in order
 */
export function publicAddresses(t: ExecutionContext): readonly string[] {
  const dialled: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- it is called with `this` below
  const { connect } = Socket.prototype;
  // What net.connect() calls it with.
  function lead(this: Socket, normalized: readonly [options: ConnectOptions]): Socket {
    dialled.push(normalized[0].host);
    normalized[0].host = '127.0.0.1';
    return connect.call(this, normalized as never);
  }
  Object.assign(Socket.prototype, { connect: lead });
  t.teardown(() => Object.assign(Socket.prototype, { connect }));
  return dialled;
}
