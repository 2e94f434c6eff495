import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import tls from 'node:tls';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { certificates } from '../../helpers/certificates.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';

const junk = {
  'another protocol': Buffer.from('no record of TLS at all'),
  'an alert': Buffer.from('15030300020228', 'hex'),
  'a record that cannot be decrypted': Buffer.concat([Buffer.from('1703030020', 'hex'), Buffer.alloc(32)]),
  'the end of TLS, but not of the connection': Buffer.from('15030300020100', 'hex'),
} as const;

interface Broken {
  readonly url: string;
  readonly connections: () => number;
}

/**
 * A TLS server that answers with `reply` (empty: not at all). For the path /0 it then writes `bytes` to the
 * socket, outside of TLS.
 */
async function brokenServer(t: ExecutionContext, reply: string, bytes: Buffer): Promise<Broken> {
  const { good } = await certificates();
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    const secure = new tls.TLSSocket(socket, { isServer: true, ...good });
    secure
      .on('error', () => {})
      .on('data', (request: Buffer) => {
        if (reply !== '') secure.write(reply);
        if (request.toString().startsWith('GET /0 ')) socket.write(bytes);
      });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, connections: () => sockets.length };
}

const options = { insecure: true, timeout: '60s', concurrency: 1 };

for (const [what, bytes] of Object.entries(junk)) {
  test(`instead of a reply over TLS comes ${what}`, async (t) => {
    const { url } = await brokenServer(t, '', bytes);
    const { error, status, detail } = await fetchOne(`${url}/0`, options);
    t.deepEqual([error, status], ['tls-handshake', null]);
    t.not(detail, '');
  });

  test(`within a body over TLS comes ${what}`, async (t) => {
    const { url } = await brokenServer(t, 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok', bytes);
    const { error, status } = await fetchOne(`${url}/0`, options);
    t.deepEqual([error, status], ['http-truncated', 200]);
  });

  test(`right behind a reply over TLS, or while its connection is idle, comes ${what}`, async (t) => {
    const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
    const { url, connections } = await brokenServer(t, reply, bytes);
    const urls = Array.from({ length: 3 }, (_, i) => `${url}/${i}`);
    const results = await fetchAll(urls, options);
    t.deepEqual(
      results.map(({ error, status }) => [error, status]),
      urls.map(() => [null, 200]),
    );
    t.is(connections(), 2);
  });
}
