import { Readable } from 'node:stream';

import test from 'ava';

import { numberOfLine, resultLine, resultOf } from '../../src/scale/result-lines.ts';
import { rowOf, wholeLines, writtenRow } from '../../src/scale/row-lines.ts';
import type { WrittenRow } from '../../src/scale/row-lines.ts';
import { JsonText } from '../../src/shared/json-text.ts';
import type { Result, Row, Table } from '../../src/shared/records.ts';

const table: Table = { names: ['url', '__proto__'], header: true };

const plain: Row = {
  number: 7,
  cells: ['https://example.org/', 'a "b",\r\n\0\u2028 ü'],
  table,
  url: 'https://example.org/',
  error: null,
  detail: '',
  json: null,
};

const rows: readonly Row[] = [
  plain,
  { ...plain, number: 8, cells: [], url: '', error: 'no-url' },
  {
    ...plain,
    number: 9,
    cells: ['\udcc3', '\udca9', '\ud800', ''],
    error: 'bad-row',
    detail: 'line 9 \udcff',
  },
  { ...plain, number: 10, json: '{"url":"https://example.org/","n":12345678901234567890,"s":"\\udc80"}' },
  { ...plain, number: 11, orHttp: true, cells: ['example.org', 'one', 'two', 'more'] },
];

const blank: Result = {
  row: plain,
  status: null,
  error: null,
  detail: '',
  url: '',
  host: '',
  type: '',
  charset: '',
  charsetFrom: '',
  bytes: null,
  wireBytes: null,
  sha256: '',
  soft404: null,
  notModified: false,
  change: null,
  ms: null,
  attempts: 0,
  sameAs: null,
  at: 0,
  redirects: [],
  trace: {
    remoteIp: '',
    httpVersion: '',
    etag: '',
    lastModified: '',
    server: '',
    dnsMs: null,
    connectMs: null,
    tlsMs: null,
    firstByteMs: null,
    certificate: null,
  },
  values: {},
  rows: null,
  page: 1,
  next: '',
  pagesBefore: [],
};

const filled: Result = {
  ...blank,
  status: 200,
  url: 'https://example.org/x',
  host: 'example.org',
  type: 'text/html',
  bytes: 0,
  soft404: false,
  ms: 0,
  attempts: 2,
  at: 1,
  redirects: [{ url: 'https://example.org/', status: 301, ms: 3 }],
  trace: { ...blank.trace, remoteIp: '127.0.0.1', dnsMs: 0 },
  values: { title: 'T\ud800', n: 0, no: null, yes: true, list: new JsonText('[1e400,12345678901234567890]') },
  rows: [{ a: 1 }, {}, JSON.parse('{"__proto__":"x"}') as { readonly [name: string]: string }],
};

test('rows come back as they were, whatever they hold', (t) => {
  for (const row of rows) {
    const line = JSON.stringify(writtenRow(row));
    t.false(line.includes('\n'));
    t.true(line.isWellFormed());
    t.deepEqual(rowOf(JSON.parse(line) as WrittenRow, table), row);
  }
});

test('results come back as they were, with blank fields or filled ones', (t) => {
  const others = rows.map((row): Result => Object.assign({}, filled, { row }));
  const pages = [filled, { ...blank, page: 2, status: 200 }];
  const withPages = { ...blank, page: 3, next: 'https://example.org/4', pagesBefore: pages };
  for (const result of [blank, filled, withPages, ...others]) {
    const line = resultLine(result);
    t.is(line.indexOf('\n'), line.length - 1);
    t.is(numberOfLine(line), result.row.number);
    t.deepEqual(resultOf(line, table), result);
  }
  t.false(resultLine(blank).includes('trace'));
});

test('objects of processors come back as their text, and what is no value as null', (t) => {
  const values = { object: { json: '1' }, list: ['a'], none: undefined };
  t.deepEqual(resultOf(resultLine({ ...blank, values }), table).values, {
    object: new JsonText('{"json":"1"}'),
    list: new JsonText('["a"]'),
    none: null,
  });
});

test('a line that is damaged has no number', (t) => {
  for (const line of ['', '{', '{"row":{"row":', '{"row":{"row":12']) t.is(numberOfLine(line), null);
});

test('lines are whole wherever the bytes are cut, and a part of one at the end is none', async (t) => {
  const bytes = Buffer.from('{"a":"ü€😀"}\n\n{"b":2}\n{"c":');
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const lines: string[] = [];
    for await (const batch of wholeLines(Readable.from(chunks))) lines.push(...batch);
    t.deepEqual(lines, ['{"a":"ü€😀"}', '', '{"b":2}']);
  }
});
