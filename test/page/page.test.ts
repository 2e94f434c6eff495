import test from 'ava';

import type { Page, Value } from '../../src/shared/records.ts';
import { fetchOne, row } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';

/** The value that `take` finds in a page with this body and these headers. */
async function seen(
  t: Parameters<typeof httpServer>[0],
  body: string | Buffer,
  headers: readonly string[],
  take: (page: Page) => Value,
): Promise<Value> {
  const { url } = await httpServer(t, (_, response) => response.writeHead(200, [...headers]).end(body));
  const processor = { columns: ['x'], process: (page: Page) => ({ x: take(page) }) };
  const result = await fetchOne(url, { processors: [processor] });
  t.is(result.error, null);
  return result.values['x'];
}

test('text() gives the same text again', async (t) => {
  t.is(await seen(t, 'Zoë', [], (page) => page.text() + page.text()), 'ZoëZoë');
});

test('text() and json() may be taken out of the page', async (t) => {
  t.deepEqual(await seen(t, '["a"]', [], ({ text, json }) => [text(), json()]), ['["a"]', ['a']]);
});

test('json() reads the body', async (t) => {
  t.deepEqual(await seen(t, '\ufeff{"a": [1, "ü"]}', [], (page) => page.json() as object), { a: [1, 'ü'] });
});

const jsonIs = test.macro({
  exec: async (t, body: Buffer, contentType: string) => {
    const headers = ['content-type', contentType];
    t.is(await seen(t, body, headers, (page) => page.json() as string), 'ü€');
  },
  title: (what) => `json() reads ${what}`,
});

const json = Buffer.from('"ü€"');
test('UTF-8', jsonIs, json, 'application/json');
test('UTF-8 that is called something else', jsonIs, json, 'application/json; charset=iso-8859-1');
test('UTF-8 that is called HTML', jsonIs, json, 'text/html');
test('UTF-16 with a byte order mark', jsonIs, Buffer.from('\ufeff"ü€"', 'utf16le'), 'application/json');
test('another encoding of text', jsonIs, Buffer.from('"\xfc\x80"', 'latin1'), 'text/plain; charset=cp1252');

test('charset is the name of the encoding of text()', async (t) => {
  const headers = ['content-type', 'text/plain; charset=sjis'];
  t.deepEqual(await seen(t, Buffer.from([0x93, 0xfa]), headers, ({ charset, text }) => [charset, text()]), [
    'Shift_JIS',
    '日',
  ]);
});

test('charset is empty where the body is no text', async (t) => {
  t.is(await seen(t, 'PNG', ['content-type', 'image/png'], ({ charset }) => charset), '');
});

test('json() throws what JSON.parse throws', async (t) => {
  const name = await seen(t, '{"a":', [], (page) => {
    try {
      return page.json() as object;
    } catch (error) {
      return (error as Error).name;
    }
  });
  t.is(name, 'SyntaxError');
});

test('body is a Buffer of the bytes themselves', async (t) => {
  const body = Buffer.from([0, 255, 128, 10]);
  t.true(await seen(t, body, [], (page) => Buffer.isBuffer(page.body) && page.body.equals(body)));
});

test('a body of many pieces is put together', async (t) => {
  const body = Buffer.alloc(1_000_003, 'abcdefghijklmnopqrstuvwxyz');
  t.true(await seen(t, body, [], (page) => page.body.equals(body)));
});

test('headers have lower-case names, and several values are joined', async (t) => {
  const headers = await seen(
    t,
    '',
    ['X-One', '1', 'Set-Cookie', 'a=b', 'set-cookie', 'c=d'],
    (page) => page.headers,
  );
  t.like(headers, { 'x-one': '1', 'set-cookie': 'a=b, c=d' });
});

test('headers hold nothing that the server did not send', async (t) => {
  t.is(await seen(t, '', [], ({ headers }) => headers['toString'] ?? 'nothing'), 'nothing');
});

test('row and headers are made once', async (t) => {
  t.true(await seen(t, '', [], (page) => page.row === page.row && page.headers === page.headers));
});

test('status and URL are those of the last reply, without credentials', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.writeHead(418).end());
  const columns = ['status', 'url'];
  const processors = [{ columns, process: (page: Page) => ({ status: page.status, url: page.url }) }];
  const { values } = await fetchOne(url.replace('//', '//me:secret@'), { processors });
  t.deepEqual({ ...values }, { status: 418, url: `${url}/` });
});

const entries = { columns: ['x'], process: (page: Page) => ({ x: Object.entries(page.row) }) };

const rowCells = test.macro({
  exec: async (t, names: readonly string[], cells: readonly string[], expected: readonly string[][]) => {
    const { url } = await httpServer(t, (_, response) => response.end());
    const from = { ...row({ url }), cells, table: { names, header: true } };
    const { values } = await fetchOne(from, { processors: [entries] });
    t.deepEqual(values['x'], expected);
  },
  title: (name) => `row: ${name}`,
});

test(
  'cells by column name',
  rowCells,
  ['id', 'Full Name'],
  ['7', 'Ann'],
  [
    ['id', '7'],
    ['Full Name', 'Ann'],
  ],
);
test(
  'a cell that is missing is empty',
  rowCells,
  ['id', 'name'],
  ['7'],
  [
    ['id', '7'],
    ['name', ''],
  ],
);
test(
  'a column called __proto__',
  rowCells,
  ['__proto__', 'constructor'],
  ['a', 'b'],
  [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ],
);
