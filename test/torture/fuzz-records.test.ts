import { once } from 'node:events';
import tls from 'node:tls';

import test from 'ava';

import { recordServer } from '../../torture/fuzz/records.ts';

test('a record that was changed is told in words, with its bytes before and after', async (t) => {
  const server = await recordServer(7);
  t.teardown(server.close);
  const rows = Array.from({ length: 12 }, (_, index) => index + 1);
  await Promise.all(
    rows.map(async (row) => {
      const { hostname, port } = new URL(server.urlOf(row));
      const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
      socket.on('error', () => {});
      socket.on('secureConnect', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
      socket.resume();
      await once(socket, 'close').catch(() => {});
    }),
  );
  const shown = rows.map((row) => server.show(row));
  const untouched = shown.filter((text) => /^TLSv1\.[23]: no record was changed$/.test(text));
  const changed = shown.filter((text) => /^TLSv1\.[23]: record \d+ [\w ]+: [0-9a-f]+.* became /.test(text));
  t.true(untouched.length > 0 && changed.length > 0);
  t.is(untouched.length + changed.length, rows.length);
  t.deepEqual(server.figures(), [`${changed.length} rows met a changed record`]);
});
