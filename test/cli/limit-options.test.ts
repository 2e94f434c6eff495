import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { givenTime } from '../helpers/given-time.ts';
import { httpServer, rawServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/**
 * A server that holds replies until `together` requests are there at once, and a moment longer in case more
 * come.
 */
async function holdingServer(t: ExecutionContext, together: number): Promise<TestServer> {
  const held: (() => void)[] = [];
  return httpServer(t, (_, response) => {
    held.push(() => response.end('ok'));
    if (held.length !== together) return;
    setTimeout(() => {
      for (const end of held.splice(0)) end();
    }, 100);
  });
}

async function rowsOf(
  t: ExecutionContext,
  urls: readonly string[],
  args: readonly string[],
): Promise<Record<string, string>[]> {
  const cwd = await temporaryFolder(t, { 'in.txt': `${urls.join('\n')}\n` });
  const { code, stdout } = await urlmill(['-q', ...args, 'in.txt'], { cwd });
  t.is(code, 0);
  return csvObjects(stdout);
}

function sameUrl(url: string, times: number): string[] {
  return Array.from({ length: times }, () => url);
}

test('-c bounds the requests in flight', async (t) => {
  const server = await holdingServer(t, 3);
  const rows = await rowsOf(t, sameUrl(server.url, 9), ['-c', '3', '--per-host', '9']);
  t.is(rows.length, 9);
  t.is(server.mostAtOnce(), 3);
});

test('--per-host bounds the requests in flight to one host', async (t) => {
  const server = await holdingServer(t, 2);
  const rows = await rowsOf(t, sameUrl(server.url, 8), ['--per-host', '2']);
  t.is(rows.length, 8);
  t.is(server.mostAtOnce(), 2);
});

test('six requests to one host run at once unless --per-host says otherwise', async (t) => {
  const server = await holdingServer(t, 6);
  const rows = await rowsOf(t, sameUrl(server.url, 12), []);
  t.is(rows.length, 12);
  t.is(server.mostAtOnce(), 6);
});

test('--look-ahead bounds the rows among which another host is looked for', async (t) => {
  const seenWhileHeld: (string | undefined)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url !== '/first') {
      response.end('ok');
      return;
    }
    setTimeout(() => {
      seenWhileHeld.push(...server.requests.map(({ headers }) => headers.host));
      response.end('ok');
    }, 300);
  });
  const urls = ['http://a.test/first', ...sameUrl('http://a.test/', 9), 'http://b.test/'];
  const rule = `::127.0.0.1:${server.port}`;
  const rows = await rowsOf(t, urls, ['--per-host', '1', '--look-ahead', '4', '--connect-to', rule]);
  t.is(rows.length, 11);
  t.deepEqual(seenWhileHeld, ['a.test']);
});

test('within the look-ahead other hosts go on while one is at its limit', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url, headers }, response) => {
    if (url === '/first') held.push(() => response.end('ok'));
    else response.end('ok');
    // If this host waited for the first one, the run would never end.
    if (headers.host === 'b.test') held[0]?.();
  });
  const urls = ['http://a.test/first', ...sameUrl('http://a.test/', 9), 'http://b.test/'];
  const rows = await rowsOf(t, urls, ['--per-host', '1', '--connect-to', `::127.0.0.1:${server.port}`]);
  t.is(rows.length, 11);
});

test('--timeout ends an attempt', async (t) => {
  const server = await httpServer(t, () => {});
  const [row] = await givenTime(
    async (timeout) => rowsOf(t, [server.url], ['--timeout', `${timeout}ms`]),
    ([one]) => one?.['fetch_error'] === 'headers-timeout',
  );
  t.is(row?.['fetch_error'], 'headers-timeout');
});

test('--connect-timeout ends a handshake that does not get on', async (t) => {
  const { port } = await rawServer(t, () => {});
  const [row] = await rowsOf(t, [`https://127.0.0.1:${port}/`], ['--connect-timeout', '200ms']);
  t.is(row?.['fetch_error'], 'connect-timeout');
});

test('--max-redirects bounds a chain', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.writeHead(302, { location: `${url}x` }).end();
  });
  const [row] = await rowsOf(t, [`${server.url}/`], ['--max-redirects', '3']);
  t.is(row?.['fetch_error'], 'redirect-limit');
  t.is(server.requests.length, 4);
});

test('--max-redirects 0 takes a redirect for the answer', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(302, { location: '/x' }).end());
  const [row] = await rowsOf(t, [`${server.url}/`], ['--max-redirects', '0']);
  t.is(row?.['fetch_status'], '302');
  t.is(row?.['fetch_error'], '');
  t.is(server.requests.length, 1);
});

test('--max-body bounds a body to the byte, and the row keeps its status', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end('x'.repeat(Number(url.slice(1)))));
  const rows = await rowsOf(
    t,
    [`${server.url}/1000`, `${server.url}/1001`],
    ['--max-body', '1kB', '--ordered'],
  );
  t.deepEqual(
    rows.map((row) => [row['fetch_status'], row['fetch_error'], row['fetch_bytes']]),
    [
      ['200', '', '1000'],
      ['200', 'body-too-large', ''],
    ],
  );
});
