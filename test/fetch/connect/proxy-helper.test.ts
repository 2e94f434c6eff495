import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';

import test from 'ava';

import { httpProxy } from '../../helpers/proxy.ts';
import { httpServer } from '../../helpers/server.ts';

test('the proxy of these tests passes on requests with a whole URL', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(url));
  const proxy = await httpProxy(t, { credentials: 'me:secret', leadsTo: server.port });
  const path = 'http://a.test/x?y';
  const headers = { Host: 'a.test', 'Proxy-Authorization': `Basic ${btoa('me:secret')}` };
  const [reply] = (await once(
    http.get({ port: proxy.port, host: '127.0.0.1', path, headers, agent: false }),
    'response',
  )) as [http.IncomingMessage];
  t.is(await text(reply), '/x?y');
  t.is(server.requests[0]?.headers['proxy-authorization'], undefined);
  const { method, url } = proxy.asked[0] ?? {};
  t.deepEqual({ method, url }, { method: 'GET', url: path });
  const [refusal] = (await once(
    http.get({ port: proxy.port, host: '127.0.0.1', path, agent: false }),
    'response',
  )) as [http.IncomingMessage];
  refusal.resume();
  t.is(refusal.statusCode, 407);
});
