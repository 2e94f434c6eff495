import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';

import type { ExecutionContext } from 'ava';

type ConnectArguments = readonly [options: { host?: string; port?: number }];

/**
 * Lets every connection of this process end at 127.0.0.1, whatever address it was meant for, so that public ones can
 * be dialled here. Only for tests that run alone in their file.
 *
 * @returns the addresses that were dialled, in order
 */
export function publicAddresses(t: ExecutionContext): readonly string[] {
  const dialled: string[] = [];
  const lead = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    const connect = (args: ConnectArguments): Socket => {
      dialled.push(args[0].host ?? '');
      args[0].host = '127.0.0.1';
      return Socket.prototype.connect.call(socket, args as never);
    };
    Object.assign(socket, { connect });
  };
  subscribe('net.client.socket', lead);
  t.teardown(() => unsubscribe('net.client.socket', lead));
  return dialled;
}
