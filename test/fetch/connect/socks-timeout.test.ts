import { EventEmitter, once } from 'node:events';
import { mock } from 'node:test';

import test from 'ava';

import { connector } from '../../../src/fetch/connect/connect.ts';
import { proxyRules } from '../../../src/fetch/connect/proxy.ts';
import { tlsClient } from '../../../src/fetch/connect/tls-files.ts';
import { rawServer } from '../../helpers/server.ts';

test('a SOCKS proxy has as long for its answer as --connect-timeout says', async (t) => {
  const events = new EventEmitter();
  const server = await rawServer(t, () => events.emit('asked'));
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const connect = connector({
    connectTimeout: 60_000,
    names: { lookup: () => [] },
    tls: tlsClient(
      { insecure: true, ca: undefined, added: null, cert: null, key: null },
      { environment: {}, notice: () => {}, readsPeers: false },
    ),
    rules: [],
    proxyFor: proxyRules(`socks5h://127.0.0.1:${server.port}`, {}),
    onBug: (error) => t.fail(error.stack),
  });
  const failed: string[] = [];
  const asked = once(events, 'asked');
  connect({ protocol: 'http:', hostname: 'a.test', port: '' }, false, (error) => failed.push(String(error)));
  await asked;
  mock.timers.tick(59_999);
  t.deepEqual(failed, []);
  mock.timers.tick(1);
  t.deepEqual(failed, ['ConnectError: no answer from the proxy within 60000 ms']);
});
