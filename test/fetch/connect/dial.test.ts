import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { dial } from '../../../src/fetch/connect/dial.ts';
import type { Address } from '../../../src/fetch/names/outcome.ts';
import { fullListener } from '../../helpers/full-listener.ts';
import { closedPort } from '../../helpers/server.ts';

const at = (address: string): Address => ({ address, family: net.isIPv6(address) ? 6 : 4 });

interface Dialled {
  readonly error: Error | null;
  readonly address: string;
  readonly ms: number;
}

/** Keeps timers from firing until the test ends. */
function withoutTimers(t: ExecutionContext): void {
  const { setTimeout: real } = globalThis;
  const never = (): NodeJS.Timeout => real(() => {}, 2 ** 31 - 1).unref();
  Object.assign(globalThis, { setTimeout: never });
  t.teardown(() => Object.assign(globalThis, { setTimeout: real }));
}

/** The outcome of a dial. It must call back exactly once, and not before it has returned. */
async function dialled(t: ExecutionContext, addresses: readonly string[], port: number): Promise<Dialled> {
  const from = performance.now();
  return new Promise((resolve) => {
    let calls = 0;
    let returned = false;
    const { destroy } = dial(addresses.map(at), port, (error, socket, address) => {
      t.true(returned);
      t.is(++calls, 1);
      t.is(socket === null, error !== null);
      t.teardown(() => socket?.destroy());
      resolve({ error, address, ms: performance.now() - from });
    });
    returned = true;
    t.teardown(destroy);
  });
}

interface Listener {
  readonly accepted: Socket[];
  readonly connections: () => number;
}

async function listener(t: ExecutionContext, host: string, port = 0): Promise<Listener & { port: number }> {
  const accepted: Socket[] = [];
  let count = 0;
  const server = net.createServer((socket) => {
    count++;
    accepted.push(socket.on('error', () => {}));
  });
  server.listen(port, host);
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { accepted, connections: () => count, port: (server.address() as AddressInfo).port };
}

const code = ({ error }: Dialled): unknown => (error !== null && 'code' in error ? error.code : null);

test('one address that answers', async (t) => {
  const { port } = await listener(t, '127.0.0.1');
  const { error, address } = await dialled(t, ['127.0.0.1'], port);
  t.deepEqual({ error, address }, { error: null, address: '127.0.0.1' });
});

test('an IPv6 address', async (t) => {
  const { port } = await listener(t, '::1');
  t.is((await dialled(t, ['::1'], port)).address, '::1');
});

test('the first that answers is taken, and the next ones are not bothered', async (t) => {
  const first = await listener(t, '127.0.0.1');
  const second = await listener(t, '127.0.0.2', first.port);
  t.is((await dialled(t, ['127.0.0.1', '127.0.0.2'], first.port)).address, '127.0.0.1');
  // If the second address had been dialled, it would be seen before this later connection.
  const later = net.connect(first.port, '127.0.0.2');
  await once(later, 'connect');
  while (second.connections() === 0) await new Promise(setImmediate);
  later.destroy();
  t.is(second.connections(), 1);
});

test.serial('after an address that refuses the next one is tried at once', async (t) => {
  withoutTimers(t);
  // A port below the ephemeral range, which nobody who listens elsewhere is given.
  const { port } = await listener(t, '127.0.0.6', await closedPort());
  const refusing = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];
  t.is((await dialled(t, [...refusing, '127.0.0.6'], port)).address, '127.0.0.6');
});

test('an address of a family that refuses leads to the other family', async (t) => {
  const { port } = await listener(t, '127.0.0.1');
  t.is((await dialled(t, ['::1', '127.0.0.1'], port)).address, '127.0.0.1');
  const six = await listener(t, '::1', await closedPort());
  t.is((await dialled(t, ['127.0.0.1', '::1'], six.port)).address, '::1');
});

test('when all refuse, the error is the first one', async (t) => {
  const port = await closedPort();
  const ended = await dialled(t, ['255.255.255.255', '127.0.0.1', '::1'], port);
  t.is(code(ended), 'ENETUNREACH');
  t.is(code(await dialled(t, ['127.0.0.1', '255.255.255.255'], port)), 'ECONNREFUSED');
});

test('port 0 is refused', async (t) => {
  t.is(code(await dialled(t, ['127.0.0.1'], 0)), 'ECONNREFUSED');
});

test('beside an address that never answers the next one is tried', async (t) => {
  const full = await fullListener(t, '127.0.0.1');
  await listener(t, '127.0.0.2', full.port);
  const { address, ms } = await dialled(t, ['127.0.0.1', '127.0.0.2'], full.port);
  t.is(address, '127.0.0.2');
  t.true(ms > 200, `${ms}`);
});

test('an address that answers late still wins after the next one has refused', async (t) => {
  const full = await fullListener(t, '127.0.0.1');
  let ended: Dialled | null = null;
  const ending = dialled(t, ['127.0.0.1', '127.0.0.2'], full.port).then((all) => (ended = all));
  // Longer than the delay before the second address is dialled.
  await new Promise((resolve) => setTimeout(resolve, 400));
  t.is(ended, null);
  full.accept();
  t.is((await ending).address, '127.0.0.1');
});

test.serial(
  'what is destroyed does not call back, tries no other address and leaves no socket',
  async (t) => {
    const full = await fullListener(t, '127.0.0.1');
    const other = await listener(t, '127.0.0.2', full.port);
    const before = sockets();
    const { destroy } = dial([at('127.0.0.1'), at('127.0.0.2')], full.port, () => t.fail());
    t.is(sockets(), before + 1);
    destroy();
    destroy();
    await new Promise((resolve) => setTimeout(resolve, 350));
    t.is(other.connections(), 0);
    t.true(sockets() <= before);
  },
);

test.serial('of two that are tried at once only the winner is left', async (t) => {
  const full = await fullListener(t, '127.0.0.1');
  const other = await listener(t, '127.0.0.2', full.port);
  const before = sockets();
  await dialled(t, ['127.0.0.1', '127.0.0.2', '127.0.0.3'], full.port);
  while (other.connections() === 0) await new Promise(setImmediate);
  // One socket of the client, one of the server.
  await new Promise(setImmediate);
  t.true(sockets() <= before + 2, `${sockets()} after ${before}`);
});

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => /^TCP(?:Socket|Connect)Wrap$/.test(name)).length;
}
