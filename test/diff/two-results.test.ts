import test from 'ava';
import type { ExecutionContext } from 'ava';

import { openTwoResults } from '../../src/diff/two-results.ts';
import type { ComparedHow } from '../../src/diff/two-results.ts';
import { fileSource } from '../../src/read/source.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const usual = { key: undefined, columns: '', prefix: 'fetch_', sinceMemory: 1e6 };

interface Compared {
  /** The change of each row, followed by its cells. */
  readonly rows: readonly (readonly string[])[];
  /** Names of the list's columns. */
  readonly own: readonly string[];
  /** Names of the compared columns. */
  readonly columns: readonly string[];
}

/** Compares two files, given by name and text: OLD, then NEW. */
async function compared(
  t: ExecutionContext,
  files: Readonly<Record<string, string | Buffer>>,
  how: Partial<ComparedHow> = {},
): Promise<Compared> {
  const cwd = await temporaryFolder(t, files);
  const [old = '', now = old] = Object.keys(files).map((name) => `${cwd}/${name}`);
  const results = await openTwoResults(old, await fileSource(now), { ...usual, ...how }, [cwd]);
  try {
    const rows: string[][] = [];
    for await (const { change, own } of results.differences) rows.push([change, ...own]);
    const { own, compared: columns } = results.comparison;
    return { rows, own: own.map(({ name }) => name), columns: columns.map(({ name }) => name) };
  } finally {
    await results.close();
  }
}

function changes({ rows }: Compared): (string | undefined)[] {
  return rows.map(([change]) => change);
}

function csv(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function jsonLines(...objects: readonly object[]): string {
  return csv(...objects.map((object) => JSON.stringify(object)));
}

function times(count: number, line: (n: number) => string): string[] {
  return Array.from({ length: count }, (_, n) => line(n));
}

for (const bad of ['invalid-url', 'no-url', 'bad-row']) {
  test(`the URL column is told by other rows than those that are ${bad}`, async (t) => {
    const cell = bad === 'no-url' ? '' : 'n/a';
    const both = csv(
      'id,target,fetch_status,fetch_error',
      ...times(3000, (n) => `${n},${cell},,${bad}`),
      ...times(99, (n) => `${n},http://a/${n},200,`),
    );
    const edited = both.replaceAll(/^(\d+),http/gm, 'x$1,http');
    const result = await compared(t, { 'old.csv': both, 'new.csv': edited });
    t.deepEqual(new Set(changes(result)), new Set(['same']));
    t.is(result.rows.length, 3099);
  });
}

test('a value that the run has found is not taken for the URL of the list', async (t) => {
  const result = await compared(t, {
    'old.csv': csv('site,name,fetch_status,url,link', 'http://a/,A,200,http://a/,http://b/1'),
    'new.csv': csv('site,name,fetch_status,url,link', 'http://a/,A,200,http://a/,http://b/2'),
  });
  t.deepEqual(result.rows, [['changed', 'http://a/', 'A']]);
});

test('a column with a usual name is not taken where others have the URLs', async (t) => {
  const result = await compared(t, {
    'old.csv': csv('link,target,fetch_status', 'more,http://a/,200', 'more,http://b/,404'),
    'new.csv': csv('link,target,fetch_status', 'more,http://b/,404', 'more,http://a/,200'),
  });
  t.deepEqual(changes(result), ['same', 'same']);
});

const onlyBad = csv('id,page,web,fetch_status,fetch_error', '1,n/a,n/b,,invalid-url');
const withUrl = csv('id,page,web,fetch_status,fetch_error', '2,n/a,n/b,,invalid-url', '3,x,http://a/,200,');
for (const [what, old, now, expected] of [
  ['NEW', withUrl, onlyBad, ['same', 'gone']],
  ['OLD', onlyBad, withUrl, ['same', 'new']],
] as const) {
  test(`the other file tells the URL column where no row of ${what} can`, async (t) => {
    const result = await compared(t, { 'old.csv': old, 'new.csv': now });
    t.deepEqual(changes(result), expected);
  });
}

const oneColumn = csv('page,site,fetch_status', 'old,http://a/,200');
const twoColumns = csv('page,site,fetch_status', 'http://b/,http://a/,200');
for (const [what, old, now] of [
  ['NEW', oneColumn, twoColumns],
  ['OLD', twoColumns, oneColumn],
] as const) {
  test(`the other file tells the URL column where several may have it in ${what}`, async (t) => {
    const result = await compared(t, { 'old.csv': old, 'new.csv': now });
    t.deepEqual(changes(result), ['same']);
  });
}

test('results of which no row had a URL are compared by their cells', async (t) => {
  const result = await compared(t, {
    'old.csv': onlyBad,
    'new.csv': csv('web,page,id,fetch_status,fetch_error', 'n/b,n/a,1,,invalid-url'),
  });
  t.deepEqual(changes(result), ['same']);
});

test('without a prefix the URL may be in a column that is called as one of the result', async (t) => {
  const result = await compared(
    t,
    {
      'old.csv': csv('name,url,status,error,bytes', 'A,http://a/,200,,1'),
      'new.csv': csv('name,url,status,error,bytes', 'B,http://a/,200,,2'),
    },
    { prefix: '' },
  );
  t.deepEqual(result.rows, [['changed', 'B', 'http://a/']]);
});

const lateKeys = [
  { url: '', c: 3, fetch_status: null, fetch_title: null },
  { url: '', d: 4, fetch_status: null, fetch_title: null },
  { url: 'http://a/', a: 1, fetch_status: 200, fetch_title: 'T' },
  { url: 'http://b/', b: 2, fetch_status: 200, fetch_title: 'T' },
];

test("keys of JSON Lines that come before a row's results are the list's, wherever they first appear", async (t) => {
  const edited = lateKeys.map((object) => ('b' in object ? { ...object, b: 5 } : object));
  const result = await compared(t, {
    'old.jsonl': jsonLines(...lateKeys),
    'new.jsonl': jsonLines(...edited),
  });
  t.deepEqual(result.columns, ['fetch_status', 'fetch_title']);
  t.deepEqual(result.own, ['url', 'c', 'd', 'a', 'b']);
  t.deepEqual(result.rows, [
    ['same', '', '3', '', '', ''],
    ['same', '', '', '4', '', ''],
    ['same', 'http://a/', '', '', '1', ''],
    ['same', 'http://b/', '', '', '', '5'],
  ]);
});

test('JSON Lines in another order are the same rows', async (t) => {
  const result = await compared(t, {
    'old.jsonl': jsonLines(...lateKeys),
    'new.jsonl': jsonLines(...lateKeys.toReversed()),
  });
  t.deepEqual(changes(result), ['same', 'same', 'same', 'same']);
});

test('rows without a URL are found in another format, and in another order of columns', async (t) => {
  const objects = [
    { url: '', name: 'x', k: 1, fetch_status: null, fetch_error: 'no-url' },
    { name: 'y', url: '', fetch_status: null, fetch_error: 'bad-row' },
    { url: '', fetch_status: null, fetch_error: 'no-url' },
    { url: 'http://a/', fetch_status: 200, fetch_error: null },
  ];
  const files = [
    ['a.jsonl', jsonLines(...objects)],
    [
      'a.csv',
      csv(
        'url,name,k,fetch_status,fetch_error',
        ',x,1,,no-url',
        ',y,,,bad-row',
        ',,,,no-url',
        'http://a/,,,200,',
      ),
    ],
    [
      'b.csv',
      csv(
        'k,name,url,fetch_status,fetch_error',
        '1,x,,,no-url',
        ',y,,,bad-row',
        ',,,,no-url',
        ',,http://a/,200,',
      ),
    ],
  ] as const;
  for (const old of files) {
    for (const now of files.filter((file) => file !== old)) {
      const result = await compared(t, Object.fromEntries([old, now]));
      t.deepEqual(changes(result), ['same', 'same', 'same', 'same'], `${old[0]} ${now[0]}`);
    }
  }
});

test('URLs are compared without what is around them', async (t) => {
  const result = await compared(t, {
    'old.csv': csv(
      'url,fetch_status',
      'http://a/,200',
      ' http://b/,200',
      '<http://c/>,200',
      ' d.example\u200b,200',
      ' ,',
    ),
    'new.csv': csv(
      'url,fetch_status',
      ' http://a/ ,200',
      'http://b/\u00a0,200',
      'http://c/,200',
      'd.example,200',
      ',',
    ),
  });
  t.deepEqual(changes(result), ['same', 'same', 'same', 'same', 'same']);
});

const result = (...lines: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(
    ['url,name,fetch_status,fetch_error', ...lines].flatMap((line) => [Buffer.from(line), Buffer.from('\n')]),
  );
const good = 'http://a/,A,200,';
const latin1 = Buffer.from('http://b/,\xe9,200,', 'latin1');

for (const [what, text, expected] of [
  [
    'bytes that are no UTF-8',
    result(good, latin1, latin1),
    /^NEW: line 3 is not UTF-8 \(byte 11 of the line is 0xE9\);/,
  ],
  ['an open quote', result(good, '"http://b/,B,200,'), /^NEW: line 3 opens a quote that is never closed;/],
  ['too few cells', result(good, 'http://b/,B', 'http://c/'), /^NEW: row 2: 2 cells where the header has 4;/],
  ['too many cells', result(good, 'http://b/,B,200,,5'), /^NEW: row 2: 5 cells where the header has 4;/],
  [
    'the header line again',
    result(good, 'url,name,fetch_status,fetch_error', good),
    /^NEW: row 2: the header line again;/,
  ],
] as const) {
  test(`${what} in a result is told, once for each file`, async (t) => {
    for (const [names, label] of [
      [['old.csv', 'new.csv'], 'new.csv'],
      [['new.csv', 'old.csv'], 'new.csv'],
    ] as const) {
      const told: string[] = [];
      const files = { 'old.csv': result(good), 'new.csv': text };
      await compared(t, Object.fromEntries(names.map((name) => [name, files[name]])), {
        onNotice: (notice) => void told.push(notice.replace(/^.*\/(?=new)/, '')),
      });
      t.is(told.length, 1);
      t.regex(told[0]?.replace(label, 'NEW') ?? '', expected);
    }
  });
}

test('a line of JSON Lines that is cut off is told', async (t) => {
  const told: string[] = [];
  const text = jsonLines({ url: 'http://a/', fetch_status: 200, fetch_error: null });
  const files = { 'old.jsonl': text, 'new.jsonl': `${text}${text.slice(0, 20)}` };
  await compared(t, files, { onNotice: (notice) => void told.push(notice) });
  t.is(told.length, 1);
  t.regex(told[0] ?? '', /new\.jsonl: line 2 is not a JSON object/);
});

test('rows that were bad in the list are not told again', async (t) => {
  const told: string[] = [];
  const bad = [Buffer.from('http://b/,\xe9,,bad-row', 'latin1'), 'http://c/,C,,bad-row,more'];
  const files = { 'old.csv': result(good, ...bad), 'new.csv': result(...bad, good) };
  const { rows } = await compared(t, files, { onNotice: (notice) => void told.push(notice) });
  t.deepEqual(told, []);
  t.is(rows.filter(([change]) => change === 'same').length, 3);
});

function written(delimiter: string, records: readonly (readonly string[])[]): string {
  const quoted = (cell: string): string => (cell.includes(delimiter) ? `"${cell}"` : cell);
  return csv(...records.map((cells) => cells.map(quoted).join(delimiter)));
}

for (const delimiter of ['^', ':', ' ', '~', '_', 'a', '\u00a7', '|']) {
  test(`a result may be written with --output-delimiter "${delimiter}"`, async (t) => {
    const columns = ['id', 'page', 'x,y;z', 'fetch_status', 'fetch_error', 'fetch_url'];
    const rows = [
      columns,
      ['1', 'http://a/', '', '200', '', 'http://a/'],
      ['2', 'http://b/', '', '200', '', ''],
    ];
    const files = {
      'old.csv': written(delimiter, rows),
      'new.csv': written(delimiter, [columns, ...rows.slice(1).toReversed()]),
    };
    const { rows: found, own } = await compared(t, files);
    t.deepEqual(own, columns.slice(0, 3));
    t.deepEqual(found, [
      ['same', '2', 'http://b/', ''],
      ['same', '1', 'http://a/', ''],
    ]);
    // With a single row, the file could also be read as a list of URLs.
    const one = await compared(t, {
      old: written(delimiter, rows.slice(0, 2)),
      new: written(delimiter, rows.slice(0, 2)),
    });
    t.deepEqual(changes(one), ['same']);
  });
}

test('a name that holds that of a result column does not show the delimiter', async (t) => {
  const both = csv('page,a status code,status,error', 'http://a/,1,200,', 'http://b/,2,200,');
  const { own } = await compared(t, { 'old.csv': both }, { prefix: '' });
  t.deepEqual(own, ['page', 'a status code']);
});
