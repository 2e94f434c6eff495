import { gzipSync } from 'node:zlib';

import test from 'ava';

import { cellsOf, piecesOf, readAll, sourceOf } from '../helpers/reading.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';

const isEmpty = test.macro(async (t, content: string | Buffer, said: ReadUrlsOptions = {}) => {
  const { rows, error, state } = await readAll(sourceOf(content, 'in.csv'), said);
  t.like(error, {
    name: 'InputError',
    message: 'in.csv: is empty; a header line is needed, or --no-header and a row',
  });
  t.deepEqual(rows, []);
  t.is(state.table, null);
  t.false(state.done);
});

test('no bytes are an empty input', isEmpty, '');
test('line ends are an empty input', isEmpty, '\n\r\n\r');
test('spaces and tabs are an empty input', isEmpty, '  \n\t\n');
test('a byte order mark is an empty input', isEmpty, '\ufeff');
test('a byte order mark of UTF-16 is an empty input', isEmpty, Buffer.from([0xff, 0xfe]));
test('nothing in gzip is an empty input', isEmpty, gzipSync(''));
test('without a header too, nothing is an empty input', isEmpty, '\n', { noHeader: true });
test('nothing is no list', isEmpty, '\n', { inputFormat: 'lines' });
test('nothing is no JSON Lines', isEmpty, '\n', { inputFormat: 'jsonl' });

const headerAlone = test.macro(async (t, content: string, names: readonly string[]) => {
  const { rows, error, state } = await readAll(sourceOf(content));
  t.is(error, null);
  t.deepEqual(rows, []);
  t.deepEqual(state.table, { names, header: true });
  t.true(state.done);
});

test('a header alone is a table without rows', headerAlone, 'url,name\n', ['url', 'name']);
test('a header alone may lack its line end', headerAlone, 'url,name', ['url', 'name']);
test('a header alone may have the URL column among others', headerAlone, 'id,page_url\n', ['id', 'page_url']);

test('one line that may be no header at all ends the reading', async (t) => {
  const { error, rows } = await readAll(sourceOf('This list has moved to https://a.org/new\n', 'in.csv'));
  t.deepEqual(rows, []);
  t.like(error, { name: 'UsageError' });
  t.regex((error as Error).message, /^no column looks like URLs; .*: "This list has moved to https:.*"$/);
});

const names = test.macro(async (t, content: string, expected: readonly string[], said?: ReadUrlsOptions) => {
  const reading = await readAll(sourceOf(content), { urlColumn: '1', ...said });
  t.is(reading.error, null);
  t.deepEqual(reading.state.table?.names, expected);
  t.is(reading.state.table?.header, said?.noHeader !== true);
  t.true(reading.rows.every(({ table }) => table === reading.state.table));
  t.is(reading.rows.length, 1);
});

test('column names may come twice', names, 'url,a,a\n1,2,3\n', ['url', 'a', 'a']);
test('a column may be called __proto__', names, 'url,__proto__\n1,2\n', ['url', '__proto__']);
test('a column may have no name', names, 'url,,\n1,2,3\n', ['url', '', '']);
test('names keep their spaces', names, ' url , b\n1,2\n', [' url ', ' b']);
test('names keep newlines and quotes', names, '"u\nrl","a ""b"""\n1,2\n', ['u\nrl', 'a "b"']);
test('blank lines stand before the header', names, '\n\r\nurl,b\n1,2\n', ['url', 'b']);
test('without a header the columns are numbered', names, 'x,y,z\n', ['1', '2', '3'], { noHeader: true });
test('a list without a header has column 1', names, 'a.org\n', ['1'], { noHeader: true });
test('a list has the column url', names, 'a.org\n', ['url']);
test('the keys of a first object are the columns', names, '{"b":1,"a":2}\n', ['b', 'a']);

test('without a header the first line is a row', async (t) => {
  const reading = await readAll(sourceOf('a.org,1\nb.org,2\n'), { noHeader: true, urlColumn: '1' });
  t.deepEqual(cellsOf(reading), [
    ['a.org', '1'],
    ['b.org', '2'],
  ]);
  t.deepEqual(reading.state.table, { names: ['1', '2'], header: false });
});

test('a column called __proto__ can hold the URL', async (t) => {
  const reading = await readAll(sourceOf('name,__proto__\nx,a.org\n'), { urlColumn: '__proto__' });
  t.is(reading.rows[0]?.url, 'https://a.org');
});

test('the header may come after more blank lines than fit into the first pieces', async (t) => {
  const bytes = Buffer.from('\n'.repeat(40) + 'url\na.org\n');
  const reading = await readAll(sourceOf(piecesOf(bytes, 1)));
  t.is(reading.error, null);
  t.deepEqual(cellsOf(reading), [['a.org']]);
});

test('a header longer than the first pieces still tells the delimiter', async (t) => {
  const bytes = Buffer.from('what it says, in all its parts and more;homepage;n\nx;a.org;1\n');
  const reading = await readAll(sourceOf(piecesOf(bytes, 1)));
  t.is(reading.error, null);
  t.deepEqual(cellsOf(reading), [['x', 'a.org', '1']]);
});

test('a piece that ends within the second URL of a list leaves it a list', async (t) => {
  const reading = await readAll(sourceOf([Buffer.from('https://a.org/\nhtt'), Buffer.from('ps://b.org/\n')]));
  t.deepEqual(cellsOf(reading), [['https://a.org/'], ['https://b.org/']]);
});

test('a last line without its end has a say in the format', async (t) => {
  const reading = await readAll(sourceOf('page.url,n\na.org,1;2;3'));
  t.deepEqual(reading.state.table?.names, ['page.url', 'n']);
  t.deepEqual(cellsOf(reading), [['a.org', '1;2;3']]);
});

test('a first line of megabytes is read', async (t) => {
  // Looking from each character at all others would take hours.
  const line = `{"url":"a.org","text":"${'x'.repeat(12 * 2 ** 20)}"}\n`;
  const reading = await readAll(sourceOf(piecesOf(Buffer.from(line), 2 ** 20)));
  t.is(reading.rows.length, 1);
});

test.serial('a long first line in small pieces is not put together again and again', async (t) => {
  const concat = Buffer.concat.bind(Buffer);
  /** Bytes copied while a header with this many cells is read. */
  const copied = async (cells: number): Promise<number> => {
    const header = Array.from({ length: cells }, (_, index) => `column${index % 10}`).join(',');
    const source = sourceOf(piecesOf(Buffer.from(`url,${header}\n`), 1024));
    let count = 0;
    Buffer.concat = (list, size) => {
      const whole = concat(list, size);
      count += whole.length;
      return whole;
    };
    try {
      t.is((await readAll(source)).error, null);
    } finally {
      Buffer.concat = concat;
    }
    return count;
  };
  const [short, long] = [await copied(1000), await copied(8000)];
  t.true(long <= 10 * short, `${long} bytes for 8 times as many cells as ${short} bytes`);
});
