import test from 'ava';

import { fetchAll } from '../../helpers/fetch.ts';
import { rawServer } from '../../helpers/server.ts';

const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n';

/** Errors for which a stack trace was made. */
const traced: string[] = [];
Error.prepareStackTrace = (error) => {
  traced.push(String(error));
  return '';
};

const untraced = test.macro({
  exec: async (t, bytes: string, ends: boolean) => {
    const server = await rawServer(t, (socket) => {
      // A request may still arrive after the server has ended the connection.
      if (socket.writableEnded) return;
      if (ends) socket.end(bytes);
      else socket.write(bytes);
    });
    traced.length = 0;
    const results = await fetchAll(
      Array.from({ length: 20 }, () => server.url),
      { retries: 0 },
    );
    t.is(results.length, 20);
    t.deepEqual(traced, []);
  },
  title: (what) => `no stack trace is made when ${what}`,
});

test.serial('a server keeps no connection', untraced, `${reply}Connection: close\r\n\r\nok`, false);
test.serial('a server closes behind its reply', untraced, `${reply}\r\nok`, true);
test.serial('a body is cut', untraced, `${reply}\r\no`, true);
test.serial('a server closes without a reply', untraced, '', true);
