import net from 'node:net';

import test from 'ava';

import type { Connect } from '../../../src/fetch/connect/shape.ts';
import { Connection, keyOf, targetOf } from '../../../src/fetch/http/connection.ts';
import { rawServer } from '../../helpers/server.ts';
import { requestTo } from '../threads/requests.ts';

const okay = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/**
 * Whether a connection is used again after a reply that came before Node reported this many bytes of the
 * request as written.
 */
const unsent = test.macro({
  exec: async (t, bytes: number, expected: boolean) => {
    const server = await rawServer(t, (socket) => socket.write(okay));
    const connect: Connect = ({ port }, _, callback) => {
      const socket = net.connect(Number(port), '127.0.0.1', () => {
        const times = { dnsMs: null, connectMs: 1, tlsMs: null, peer: null };
        Object.defineProperty(socket, 'writableLength', { get: () => bytes });
        callback(null, { socket, address: '127.0.0.1', isProxied: false, isPublic: false, ...times });
      });
      return socket;
    };
    const connection = new Connection(targetOf(server.url, []), connect, null, false);
    t.teardown(() => connection.destroy());
    const isReusable = await new Promise((resolve, reject) => {
      connection.send({
        request: requestTo(server.url, 0),
        onConnect: () => true,
        onHead: () => {},
        onData: () => {},
        onWhole: () => resolve(connection.isReusable),
        onFault: reject,
      });
    });
    t.is(isReusable, expected);
  },
  title: (name) => `whether another request follows: ${name}`,
});

test('all was written', unsent, 0, true);
test('over TLS Node says so late', unsent, 500, true);
test('a large body was not written', unsent, 1_000_000, false);

test('over TLS connections differ by the host that the certificate must be for', (t) => {
  t.is(keyOf('https://a.test', ['accept', '*/*']), 'https://a.test');
  t.is(keyOf('https://a.test', ['HOST', 'b.test']), 'https://a.test b.test');
  t.is(keyOf('http://a.test', ['host', 'b.test']), 'http://a.test');
});

const servername = test.macro({
  exec: (t, origin: string, host: string | null, expected: string | null) => {
    const headers = host === null ? [] : ['Host', host];
    const { key, target } = targetOf(origin, headers);
    t.is(target.servername, expected);
    t.is(key, keyOf(origin, headers));
  },
  title: (name) => `the host that the certificate must be for: ${name}`,
});

test('that of the URL', servername, 'https://a.test', null, null);
test('that of the Host header', servername, 'https://a.test', 'b.test', 'b.test');
test('without its port', servername, 'https://a.test:8443', 'b.test:8443', 'b.test');
test('an address is none', servername, 'https://a.test', '192.0.2.1:443', null);
test('an IPv6 address is none', servername, 'https://a.test', '[2001:db8::1]:443', null);
test('not over http', servername, 'http://a.test', 'b.test', null);
