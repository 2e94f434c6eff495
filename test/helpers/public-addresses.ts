import { Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

interface ConnectOptions {
  host: string;
}

/**
 * Redirects every connection of this process to 127.0.0.1, so that tests can use public addresses. It patches
 * Socket.prototype, so the test file must be alone in its process.
 *
 * @returns the addresses that would have been dialled, in order
 */
export function publicAddresses(t: ExecutionContext): readonly string[] {
  const dialled: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- it is called with `this` below
  const { connect } = Socket.prototype;
  // Takes the arguments that net.connect() passes.
  function lead(this: Socket, normalized: readonly [options: ConnectOptions]): Socket {
    dialled.push(normalized[0].host);
    normalized[0].host = '127.0.0.1';
    return connect.call(this, normalized as never);
  }
  Object.assign(Socket.prototype, { connect: lead });
  t.teardown(() => Object.assign(Socket.prototype, { connect }));
  return dialled;
}
