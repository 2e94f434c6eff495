import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { Page, Result } from '../../../src/shared/records.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { rawServer } from '../../helpers/server.ts';

/** Replies of servers that do not follow HTTP closely. Each folder describes the right result in EXPECT. */
const servers = fileURLToPath(new URL('../../../../fixtures/servers/', import.meta.url));

/** Replies of one server for each path: to the first request, the second, …; bytes as Latin-1. */
type Replies = Readonly<Record<string, readonly string[]>>;

const body = '<html><title>ok</title><p>hello</p></html>';
const ok = 'HTTP/1.1 200 OK\r\n';
const length = `Content-Length: ${body.length}\r\n`;
const nothing = 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n';

/** Returns the body as the only value of a result. */
const processors = [{ columns: ['body'], process: (page: Page) => ({ body: page.body.toString('latin1') }) }];

const givenBy = ({ values, error }: Result): unknown => error ?? values['body'];

/** Serves the replies of a folder, each by its own server, which closes the connection after a reply. */
async function served(t: ExecutionContext, folder: string): Promise<string[]> {
  const text = await readFile(path.join(servers, folder, 'replies.json'), 'utf8');
  const all = JSON.parse(text) as readonly Replies[];
  const urls: string[] = [];
  for (const replies of all) {
    const asked = new Map<string, number>();
    const server = await rawServer(t, (socket, request) => {
      const [, at = ''] = request.split(' ');
      const list = replies[at] ?? replies['*'] ?? [nothing];
      const times = asked.get(at) ?? 0;
      asked.set(at, times + 1);
      socket.end(list[Math.min(times, list.length - 1)] ?? nothing, 'latin1');
    });
    urls.push(`${server.url}/`);
  }
  return urls;
}

/** @param right the result for each server of the folder: `status error path bytes attempts` */
const careless = test.macro<[folder: string, ...right: string[]]>({
  exec: async (t, folder, ...right) => {
    const urls = await served(t, folder);
    const results = await fetchAll(urls, { ordered: true, processors, retries: 2 });
    const given = results.map(({ status, error, url, bytes, attempts }) =>
      [status, error, url.replace(/^http:\/\/[^/]*/, ''), bytes, attempts].join(' '),
    );
    t.deepEqual(given, right);
  },
  title: (_, folder) => folder,
});

const page = '200  / 42 1';
test(careless, '02-101-without-upgrade-ends-the-run', ' http-malformed /  1');
test(careless, '03-duplicate-content-length', page, page);
test(careless, '04-transfer-encoding-and-content-length', page);
test(careless, '05-lf-only-lines', page, page);
test(careless, '07-header-name-with-space-or-without-colon', page, page, page, page, page);
test(careless, '09-status-line', page, page, page, page, page, page);
test(careless, '10-transfer-encoding-identity', page);
test(careless, '11-headers-of-70-kB', page);
test(careless, '13-location-in-latin-1', '404  /caf%E9?q=%E9 0 1', '404  /%EF%F0%E8 0 1');
test(careless, '14-content-encoding-unknown-word', page, page, page, page);
test(careless, '17-twelve-redirects', '200  /12 50 1');
test(careless, '18-content-length-with-junk', page, page);
test(careless, '19-statuses-520-and-522', '200  / 2 2', '200  / 2 2');
test(careless, '20-empty-location', '302  / 12 1');

/**
 * The server sends these bytes to the first request of each connection, at once or byte by byte, and leaves
 * the connection open. No other request may be sent on it.
 */
const read = test.macro({
  exec: async (t, bytes: string, right: string | null = body, ends = true) => {
    for (const isCut of [false, true]) {
      const server = await rawServer(t, (socket) => {
        if (!isCut) socket.write(bytes, 'latin1');
        else drip(socket, Buffer.from(bytes, 'latin1'));
        if (ends) socket.end();
      });
      const urls = ['a', 'b'].map((name) => `${server.url}/${name}`);
      const results = await fetchAll(urls, { perHost: 1, processors });
      const bodies = results.map(givenBy);
      const expected = right ?? 'http-malformed';
      t.deepEqual(bodies, [expected, expected]);
      t.is(server.connections(), 2);
    }
    const strict = await rawServer(t, (socket) => socket.end(bytes, 'latin1'));
    t.is((await fetchOne(strict.url, { strict: true })).error, 'http-malformed');
  },
  title: (name) => `read as browsers do: ${name}`,
});

function drip(socket: { write: (bytes: Buffer) => unknown }, bytes: Buffer): void {
  for (const byte of bytes) socket.write(Buffer.from([byte]));
}

const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const inChunks = (ending: string, blanks = ''): string =>
  `5${blanks}${ending}<html${ending}25${blanks}${ending}${body.slice(5)}${ending}0${blanks}${ending}${ending}`;
const open = false;

test(
  'LF alone, and the connection stays open',
  read,
  `HTTP/1.1 200 OK\n${length}\n${body}`.replaceAll('\r', ''),
  body,
  open,
);
test('CR CR LF', read, `HTTP/1.1 200 OK\r\r\n${length}\r\r\n${body}`, body, open);
test('control characters in a value', read, `${ok}X: a\x01\x1b[2J\x7fb\r\n${length}\r\n${body}`, body, open);
test('a CR within a value', read, `${ok}X: a\rb\r\n${length}\r\n${body}`, body, open);
test('a folded value', read, `${ok}X: a\r\n b\r\n\tc\r\n${length}\r\n${body}`, body, open);
test('a fold before the first header', read, `${ok} X: a\r\n${length}\r\n${body}`, body, open);
test('a name with a control character', read, `${ok}X\x01Y: a\r\n${length}\r\n${body}`, body, open);
test('a line of HTML', read, `${ok}<b>Warning</b>: x\r\n${length}\r\n${body}`, body, open);
test('no version', read, `HTTP 200 OK\r\n${length}\r\n${body}`, body, open);
test('blanks in the status line', read, `HTTP/1.1 \t 200\tOK\r\n${length}\r\n${body}`, body, open);
test('lower case and LF', read, `http/1.0 200\n${length.trim()}\n\n${body}`, body, open);
test(
  '103, and then a careless reply',
  read,
  `HTTP/1.1 103 Early\r\nLink: x\r\n\r\n${ok}X Y: z\r\n${length}\r\n${body}`,
  body,
  open,
);
test(
  'a careless 100, and then a reply',
  read,
  `HTTP/1.1 100\nX Y: z\n\n${ok}${length}\r\n${body}`,
  body,
  open,
);
test(
  'three equal lengths, with blanks and zeros',
  read,
  `${ok}${length}Content-Length: 042 , 42\r\n\r\n${body}`,
  body,
  open,
);
test('a length that is none beside one', read, `${ok}Content-Length:\r\n${length}\r\n${body}`, body, open);
test('a length above all', read, `${ok}Content-Length: 99999999999999999999\r\n\r\n${body}`);
test('a length that is no number', read, `${ok}Content-Length: ten\r\n\r\n${body}`);
test('a blank before the colon', read, `${ok}Content-Length\t : 42\r\n\r\n${body}`, body, open);
test(
  'a blank before the colon of chunks',
  read,
  `${ok}Transfer-Encoding : chunked\r\n\r\n${inChunks('\r\n')}`,
  body,
  open,
);
test(
  'chunks and a length',
  read,
  `${ok}${length}Transfer-Encoding: chunked\r\n\r\n${inChunks('\r\n')}`,
  body,
  open,
);
test('identity and a length', read, `${ok}Transfer-Encoding: identity\r\n${length}\r\n${body}`, body, open);
test(
  'identity, chunked',
  read,
  `${ok}Transfer-Encoding: identity, chunked\r\nX Y: z\r\n\r\n${inChunks('\r\n')}`,
  body,
  open,
);

for (const codings of ['chunked, identity', 'chunked\r\nTransfer-Encoding: IDENTITY', ' Chunked ,identity']) {
  test(`chunks hidden by ${JSON.stringify(codings)} are read, but not by --strict`, async (t) => {
    const bytes = `${ok}Transfer-Encoding: ${codings}\r\n\r\n${inChunks('\r\n')}`;
    const stays = await rawServer(t, (socket) => socket.write(bytes, 'latin1'));
    t.like(await fetchOne(stays.url), { status: 200, error: null, bytes: 42 });
    const ends = await rawServer(t, (socket) => socket.end(bytes, 'latin1'));
    t.like(await fetchOne(ends.url), { status: 200, error: null, bytes: 42 });
    t.like(await fetchOne(ends.url, { strict: true }), { status: 200, error: null, bytes: 58 });
  });
}

test('chunks with LF', read, chunked + inChunks('\n'), body, open);
test('all with LF', read, `${chunked}${inChunks('\n')}`.replaceAll('\r', ''), body, open);
test('blanks behind sizes', read, chunked + inChunks('\r\n', '  \t'), body, open);
test('LF from the second chunk on', read, `${chunked}5\r\n<html\r\n25\n${body.slice(5)}\n0\n\n`, body, open);
test('LF behind the last chunk', read, `${chunked}2a\r\n${body}\r\n0\r\n\n`, body, open);
test('an odd trailer', read, `${chunked}2a\r\n${body}\r\n0\r\nX Y: z\r\n\r\n`, body, open);

test('NUL in a header', read, `${ok}X: a\0b\r\n${length}\r\n${body}`, null, open);
test('lengths that differ', read, `${ok}${length}Content-Length: 41\r\n\r\n${body}`, null, open);
test('lengths that differ, in one field', read, `${ok}Content-Length: 42, 41\r\n\r\n${body}`, null, open);
test('a size of a chunk that is none', read, `${chunked}xyz\r\n${body}\r\n0\r\n\r\n`, null, open);
test('a chunk that is longer than it says', read, `${chunked}29\n${body}\n0\n\n`, null, open);

test('a careless reply is the last one of its connection: what follows it reaches no other row', async (t) => {
  const smuggled = `${ok}Content-Length: 7\r\n\r\nsmuggle`;
  for (const head of [`${ok}X Y: z\r\n${length}\r\n${body}`, chunked + inChunks('\n')]) {
    const server = await rawServer(t, (socket) => void socket.write(head + smuggled, 'latin1'));
    const urls = Array.from({ length: 20 }, (_, i) => `${server.url}/${i}`);
    const results = await fetchAll(urls, { perHost: 2, processors });
    t.deepEqual(new Set(results.map(givenBy)), new Set([body]));
    t.is(server.connections(), urls.length);
  }
});

const cut = test.macro({
  exec: async (t, reply: string) => {
    const server = await rawServer(t, (socket, request) => {
      socket.end(reply.slice(0, Number(/^GET \/(\d+) /.exec(request)?.[1])), 'latin1');
    });
    const head = /\n\r?\n/.exec(reply);
    const first = (head?.index ?? 0) + (head?.[0].length ?? 0);
    const urls = Array.from({ length: reply.length }, (_, i) => `${server.url}/${i}`);
    const results = await fetchAll(urls, { ordered: true });
    t.deepEqual(
      results.map(({ error }) => error),
      urls.map((_, i) => (i < first ? 'http-closed' : 'http-truncated')),
    );
  },
  title: (name) => `a careless reply that is cut is never a good one: ${name}`,
});

test('with a length', cut, `HTTP/1.1 200 OK\n${length}\n${body}`.replaceAll('\r', ''));
test('in chunks', cut, chunked + inChunks('\n'));

test('values and names come as they are, what cannot be one is left out', async (t) => {
  const head = `${ok}A: x\x01y\r\nB C: 1\r\nD\r\nE: 1\r\n 2\r\n${length}\r\n`;
  const server = await rawServer(t, (socket) => socket.end(head + body, 'latin1'));
  const looks = [
    { columns: ['headers'], process: (seen: Page) => ({ headers: JSON.stringify(seen.headers) }) },
  ];
  const { values } = await fetchOne(server.url, { processors: looks });
  t.deepEqual(JSON.parse(values['headers'] as string), { a: 'x\x01y', e: '1 2', 'content-length': '42' });
});

test('endless heads end: one line after the other, and LF after LF', async (t) => {
  for (const more of [`x y: ${'z'.repeat(1000)}\n`, 'x y: z\n'.repeat(200)]) {
    const server = await rawServer(t, (socket) => {
      // After a failed write, further writes fail within the same turn of the event loop, so this would never
      // end.
      const flow = (failure?: Error | null): void => {
        if (!failure && !socket.destroyed) socket.write(more, flow);
      };
      socket.write('HTTP/1.1 200 OK\n', flow);
    });
    t.is((await fetchOne(server.url)).error, 'headers-too-large');
    await server.closed();
  }
});
