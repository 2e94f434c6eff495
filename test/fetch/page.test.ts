import test from 'ava';

import type { Page, Value } from '../../src/records.ts';
import { fetchOne, row } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';

/** What `take` finds in the page of a reply with this body and these headers. */
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

const text = test.macro({
  exec: async (t, body: Buffer, contentType: string, expected: string) => {
    t.is(
      await seen(t, body, contentType === '' ? [] : ['content-type', contentType], (page) => page.text()),
      expected,
    );
  },
  title: (name) => `text(): ${name}`,
});

const latin1 = (value: string): Buffer => Buffer.from(value, 'latin1');
const utf16le = Buffer.from('\ufeffZoë', 'utf16le');
const utf16be = Buffer.from(utf16le).swap16();

test('nothing', text, Buffer.alloc(0), '', '');
test('UTF-8 without a charset', text, Buffer.from('Zoë €'), 'text/html', 'Zoë €');
test('without any type', text, Buffer.from('Zoë €'), '', 'Zoë €');
test('what is not UTF-8 is windows-1252', text, latin1('Zo\xeb \x80\x93'), 'text/html', 'Zoë €“');
test('the charset of the header', text, latin1('\xcf\xf0\xe8'), 'text/html; charset=windows-1251', 'При');
test('the charset of the header, quoted', text, latin1('\xcf\xf0\xe8'), 'text/html; charset="CP1251"', 'При');
test(
  'the charset of the header over the look of the bytes',
  text,
  Buffer.from('ë'),
  'text/plain; charset=latin1',
  'Ã«',
);
test('Shift_JIS', text, latin1('\x93\xfa\x96\x7b'), 'text/html; charset=shift_jis', '日本');
test('a charset that nobody knows is as none', text, Buffer.from('Zoë'), 'text/html; charset=klingon', 'Zoë');
test(
  'a charset that nobody knows, and not UTF-8',
  text,
  latin1('Zo\xeb'),
  'text/html; charset=klingon',
  'Zoë',
);
test(
  'bytes that the charset of the header has not',
  text,
  latin1('Zo\xeb!'),
  'text/html; charset=utf-8',
  'Zo\ufffd!',
);
test('a byte order mark is taken off', text, Buffer.from('\ufeffZoë'), 'text/html', 'Zoë');
test(
  'a byte order mark over the header: UTF-8',
  text,
  Buffer.from('\ufeffZoë'),
  'a/b; charset=latin1',
  'Zoë',
);
test('a byte order mark over the header: UTF-16 LE', text, utf16le, 'text/html; charset=utf-8', 'Zoë');
test('a byte order mark over the header: UTF-16 BE', text, utf16be, 'text/html; charset=utf-8', 'Zoë');
test('half a byte order mark is none: FF', text, latin1('\xffab'), 'text/html', 'ÿab');
test('half a byte order mark is none: second FE', text, latin1('a\xfeb'), 'text/html', 'aþb');
test('half a byte order mark is none: FE', text, latin1('\xfeab'), 'text/html', 'þab');
test('half a byte order mark is none: second FF', text, latin1('a\xffb'), 'text/html', 'aÿb');
test('half a byte order mark is none: EF', text, latin1('\xefab'), 'text/html', 'ïab');
test('half a byte order mark is none: EF BB', text, latin1('\xef\xbba'), 'text/html', 'ï»a');
test('half a byte order mark is none: BB BF', text, latin1('a\xbb\xbf'), 'text/html', 'a»¿');
test('only its beginning is a byte order mark', text, latin1('a\xff\xfe'), 'text/html', 'aÿþ');

test('text() gives the same text again', async (t) => {
  t.is(await seen(t, 'Zoë', [], (page) => page.text() + page.text()), 'ZoëZoë');
});

test('json() reads the body', async (t) => {
  t.deepEqual(await seen(t, '\ufeff{"a": [1, "ü"]}', [], (page) => page.json() as object), { a: [1, 'ü'] });
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
