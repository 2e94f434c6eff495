import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

import test from 'ava';

import { readAll, readOptions, sourceOf } from '../helpers/reading.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import { streamSource } from '../../src/read/source.ts';

/**
 * Checks the URLs of an input, with an empty text for a row without one. `names` is null if there is no
 * header.
 */
const gives = test.macro(
  async (
    t,
    name: string,
    content: string,
    names: readonly string[] | null,
    urls: readonly string[],
    said: ReadUrlsOptions = {},
  ) => {
    const { rows, error, state } = await readAll(sourceOf(content, name), said, { fixedColumns: true });
    t.is(error, null);
    t.deepEqual(state.table?.header === true ? state.table.names : null, names);
    t.deepEqual(
      rows.map(({ url }) => url),
      urls,
    );
  },
);

const [a, b] = ['http://a.org/1', 'http://b.org/2'];
const list = ['url'];

test('one URL in a file is a row', gives, 'in.csv', `${a}\n`, null, [a]);
test('one host is one', gives, 'in.csv', 'a.org\n', null, ['https://a.org']);
test('one row with a URL is one', gives, 'in.csv', `1,${a},x\n`, null, [a]);
test('a first row is found by its URL', gives, 'in', `1,${a}\n2,${b}\n`, null, [a, b]);
test('so is one of TSV', gives, 'in.tsv', `1\t${a}\n2\t${b}\n`, null, [a, b]);
test('quotes around it do not matter', gives, 'in.csv', `"1","${a}"\n"2","${b}"\n`, null, [a, b]);
test(
  '-u tells a first row by a host',
  gives,
  'in.csv',
  '1,a.org\n2,b.org\n',
  null,
  ['https://a.org', 'https://b.org'],
  { urlColumn: '2' },
);
test(
  'a column of -u without a URL has a header',
  gives,
  'in.csv',
  `${a},x\n${b},c.org\n`,
  [a, 'x'],
  ['https://c.org'],
  { urlColumn: '2' },
);
test('a name of -u is in the header', gives, 'in.csv', `a.org,x\n${b},c.org\n`, ['a.org', 'x'], [b], {
  urlColumn: 'a.org',
});
test(
  'a URL above other cells is a name',
  gives,
  'in.csv',
  `http://ns.org/note,url\nx,${a}\ny,${b}\n`,
  ['http://ns.org/note', 'url'],
  [a, b],
);
test('a dotted name of a column is one', gives, 'in.csv', `item.url,n\n${a},1\n`, ['item.url', 'n'], [a]);
test('a name with a prefix is one', gives, 'in.csv', `geo:lat,url\n1,${a}\n`, ['geo:lat', 'url'], [a]);
test('who says so has a header of a URL', gives, 'in.csv', `${a}\n${b}\n`, [a], [b], { headerLine: true });

test('an odd line leaves a list a list', gives, 'in', `${a}\nsome, words\n${b}\n`, list, [a, '', b]);
test('an address of IPv6 begins a list', gives, 'in', `[::1]/x\n${b}\n`, list, ['https://[::1]/x', b]);
test('localhost begins a list', gives, 'in', `localhost:8080\n${b}\n`, list, ['https://localhost:8080', b]);
test('a comment begins a list', gives, 'in', `# of\n\n#mine\n${a}\n # x\n${b}\n`, list, [a, b]);
test('a comment stands behind a URL', gives, 'in', `${a}#f  # 404 # x\n${b}#f\n`, list, [`${a}#f`, `${b}#f`]);
test('a list may have quotes', gives, 'in', `"${a}"\n'${b}'\n`, list, [a, b]);
test('a list may have been code', gives, 'in', `"${a}",\n"${b}",\n`, list, [a, b]);
test('a list may have angle brackets', gives, 'in', `<${a}>\n<${b}>\n`, list, [a, b]);
test('a list that is named CSV may have comments', gives, 'in.csv', `# x\n${a}\n# y\n${b}\n`, null, [a, b]);
test('another character may begin comments', gives, 'in', `${a}\n;x\n${b} ;y\n`, list, [a, b], {
  comment: ';',
});

const idUrl = ['id', 'url'];
test('a comment stands before a header', gives, 'in.csv', `# a, b, c\n# d\nid,url\n1,${a}\n`, idUrl, [a]);
test('a header may begin with #', gives, 'in.csv', `#,url\n1,${a}\n`, ['#', 'url'], [a]);
test('sep= says the delimiter', gives, 'in.csv', `sep=;\nid;url\n1,5;${a}\n`, idUrl, [a]);
test('sep= may be quoted', gives, 'in.csv', `"sep=|"\r\nid|url\r\n1|${a}\r\n`, idUrl, [a]);
test('sep= may be a tab', gives, 'in.csv', `sep=\t\nid\turl\n1\t${a}\n`, idUrl, [a]);
test('a delimiter that is said beats sep=', gives, 'in.csv', `sep=,\nid;url\n1;${a}\n`, idUrl, [a], {
  delimiter: ';',
});
test(
  'the lines tell the delimiter',
  gives,
  'in.csv',
  `a, b, c;url\nx;${a}\ny;${b}\n`,
  ['a, b, c', 'url'],
  [a, b],
);
test(
  'decimal commas are no delimiters',
  gives,
  'in.csv',
  `x;url\n1,5;${a}\n2,5;${b}\n`,
  ['x', 'url'],
  [a, b],
);
test('TSV may have commas alone', gives, 'in.tsv', `id,url\n1,${a}\n`, idUrl, [a]);
test('TSV may have one column', gives, 'in.tsv', `url\n${a},2\n${b}\n`, list, [`${a},2`, b]);
test('a URL of a column alone may hold a comma', gives, 'in.csv', `url\n${a},2\n${b}\n`, list, [`${a},2`, b]);
test('a column that the header lacks is none of the URL', gives, 'in.csv', `url\n${a},2\n${b},3\n`, list, [
  '',
  '',
]);
test('each line may be quoted as a whole', gives, 'in.csv', `"id,url"\n"1,${a}"\n"2,""${b}"""\n`, idUrl, [
  a,
  b,
]);
test('each line but the header may be', gives, 'in.csv', `id,url\n"1,${a}"\n"2,${b}"\n`, idUrl, [a, b]);
test('cells may have single quotes', gives, 'in.csv', `id,url\n'1, 2','${a}'\n'it''s','${b}'\n`, idUrl, [
  a,
  b,
]);
test('all cells may have them', gives, 'in.csv', `'id','url'\n'1','${a}'\n`, idUrl, [a]);
test(
  'spaces may stand before a quote',
  gives,
  'in.csv',
  `id, url\n1, "${a},x"\n"2" , "${b}" \n`,
  ['id', ' url'],
  [`${a},x`, b],
);
test(
  'empty cells may stand beyond the header',
  gives,
  'in.csv',
  `id,url\n1,${a},,\n2,${b},\n3,${b},,x\n`,
  idUrl,
  [a, b, ''],
);
test('a header may stand between rows', gives, 'in.csv', `id,url\n1,${a}\nid,url\n2,${b}\n`, idUrl, [
  a,
  '',
  b,
]);

const cells = test.macro(
  async (t, name: string, content: string, expected: readonly (readonly string[])[]) => {
    const { rows, error } = await readAll(sourceOf(content, name));
    t.is(error, null);
    t.deepEqual(
      rows.map((row) => row.cells),
      expected,
    );
  },
);

test('a quote in TSV is a letter', cells, 'in.tsv', 'url\tn\na.org\t5" x\nb.org\t"y\nc.org\tz\n', [
  ['a.org', '5" x'],
  ['b.org', '"y'],
  ['c.org', 'z'],
]);
test('but where cells begin and end with it', cells, 'in.tsv', 'url\tn\na.org\t"x\ny"\nb.org\t"z ""1"""\n', [
  ['a.org', 'x\ny'],
  ['b.org', 'z "1"'],
]);
test('a cell in quotes behind a space may have lines', cells, 'in.csv', 'url, n, m\na.org, "x", "y\nz"\n', [
  ['a.org', 'x', 'y\nz'],
]);
test(
  'a quote behind a space that does not end a cell is a letter',
  cells,
  'in.csv',
  'url,n\na.org, "x" y\nb.org, "z\n',
  [
    ['a.org', ' "x" y'],
    ['b.org', ' "z'],
  ],
);
test('a list keeps its lines', cells, 'in', '"a.org"\nb.org # x\n', [['"a.org"'], ['b.org # x']]);

const refuses = test.macro(async (t, content: string, message: RegExp, name: string = 'in.csv') => {
  const { rows, error } = await readAll(sourceOf(content, name));
  t.deepEqual(rows, []);
  t.true(error instanceof Error);
  t.regex((error as Error).message, message);
});

test(
  'a title above the header is told',
  refuses,
  `Links\nof 2026\n\nid;url\n1;${a}\n2;${b}\n`,
  /line 4, .*--skip-lines 3/,
);
test(
  'a title of other cells too',
  refuses,
  `Links, 2026\nid;url;n\n1;${a};x\n2;${b};y\n`,
  /line 2, .*--skip-lines 1/,
);
test(
  'a column of names is none',
  refuses,
  'name,address\nx,12 High St\n',
  /^no column looks like URLs; .*"address" \("12 High St"\)$/,
);
test('the only column must hold URLs', refuses, 'id\n1\n2\n', /^no column looks like URLs; .*"id" \("1"\)$/);
test(
  'the usual name is no proof',
  refuses,
  'id,url\n1,x y\n',
  /^no column looks like URLs; .*"url" \("x y"\)$/,
);
test('HTML is told', refuses, '\n<table class="x">\n<tr><td>http://a.org\n', /^in\.csv: is HTML/);
test(
  'a sitemap is told',
  refuses,
  '<?xml version="1.0"?><urlset>',
  /^in: is XML, not a list; .*xmllint/,
  'in',
);
test(
  'SQLite is told',
  refuses,
  `SQLite format 3\0${'\0'.repeat(90)}`,
  /^in\.csv: is an SQLite database; .*sqlite3/,
);
test(
  'control characters are no text',
  refuses,
  `a\x01\x02\x03\x04\x05\x06\x07\x08,url\n`,
  /^in\.csv: is not text/,
);

test('a header and a row are enough where a stream pauses', async (t) => {
  for (const start of [
    'id,url\n1,a.org\n',
    '"i,d";"url"\n"1";"http://a.org"\n',
    '# x\nhttp://a.org\n',
    'url\na.org\n',
  ]) {
    const stream = new PassThrough();
    const rows = readRows([streamSource(stream, 'standard input')], readOptions(), new ReadState());
    const urls: string[] = [];
    const reading = (async () => {
      for await (const batch of rows) urls.push(...batch.map(({ url }) => url));
    })();
    stream.write(start);
    for (let turns = 0; turns < 200; turns++) await turn();
    t.is(urls.length, 1, start);
    stream.end();
    await reading;
  }
});
