import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

import test from 'ava';

import { cellsOf, readAll, readOptions, sourceOf } from '../helpers/reading.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import { streamSource } from '../../src/read/source.ts';

const gives = test.macro(async (t, content: string, expected: readonly (readonly string[])[]) => {
  const reading = await readAll(sourceOf(content), { inputFormat: 'csv', urlColumn: '1' });
  t.is(reading.error, null);
  t.deepEqual(cellsOf(reading), expected);
});

const ab = [
  ['a', '1'],
  ['b', '2'],
];

test('lines may end with LF', gives, 'u,n\na,1\nb,2\n', ab);
test('lines may end with CRLF', gives, 'u,n\r\na,1\r\nb,2\r\n', ab);
test('lines may end with CR', gives, 'u,n\ra,1\rb,2\r', ab);
test('a CRLF file may hold lines that end with LF', gives, 'u,n\r\na,1\nb,2\r\n', ab);
test('an LF file may hold lines that end with CRLF', gives, 'u,n\na,1\r\nb,2\n', ab);
test('all line ends may stand in one file', gives, 'u,n\ra,1\r\nb,2\n', ab);
test('the last line may lack its end', gives, 'u,n\na,1\nb,2', ab);
test('the last line may end in the delimiter', gives, 'u,n\na,', [['a', '']]);
test('the last line may end in a quote', gives, 'u,n\na,"1"', [['a', '1']]);
test('blank lines are no records', gives, '\nu,n\n\n\r\na,1\r\r\nb,2\n\n\n', ab);
test('a line of delimiters is a record', gives, 'u,n\n,\n', [['', '']]);
test('a line of two quotes is a record', gives, 'u\n""\nb\n', [[''], ['b']]);
test('a line of spaces is a record', gives, 'u\n  \nb\n', [['  '], ['b']]);
test('cells keep their spaces', gives, 'u,n\n a , 1\t\n', [[' a ', ' 1\t']]);
test('quoted cells keep their spaces', gives, 'u,n\n" a ","\t1"\n', [[' a ', '\t1']]);
test('a doubled quote is one', gives, 'u,n\n"say ""a""",""""\n', [['say "a"', '"']]);
test('a quoted cell may hold the delimiter', gives, 'u,n\n"a,b",","\n', [['a,b', ',']]);
test('a quoted cell keeps its line ends', gives, 'u,n\n"a\nb\r\nc\rd","\n"\n', [['a\nb\r\nc\rd', '\n']]);
test('a quoted cell keeps its blank lines', gives, 'u,n\n"a\n\n\nb",1\n', [['a\n\n\nb', '1']]);
test('a quote within a cell is a character', gives, 'u,n\n5" x 7",1\n', [['5" x 7"', '1']]);
test('text behind a closing quote is kept', gives, 'u,n\n"a" b,1\n', [['"a" b', '1']]);
test('a backslash is a character', gives, 'u,n\n"a\\",\\"b\n', [['a\\', '\\"b']]);
test('a hash is a character', gives, 'u,n\n#a,1\n', [['#a', '1']]);
test('a cell may look like a number', gives, 'u,n\n007,1e3\n', [['007', '1e3']]);
test('a cell may look like a property', gives, 'u,n\n__proto__,constructor\n', [
  ['__proto__', 'constructor'],
]);
test('a record with fewer cells keeps those it has', gives, 'u,n\na\nb,2\n', [['a'], ['b', '2']]);
test('a record with more cells keeps them all', gives, 'u,n\na,1,x,\nb,2\n', [
  ['a', '1', 'x', ''],
  ['b', '2'],
]);
test('the first data record does not set the width', gives, 'u,n\na,1,x\n', [['a', '1', 'x']]);

const delimited = test.macro(async (t, delimiter: string, content: string) => {
  const reading = await readAll(sourceOf(content), { delimiter, urlColumn: '1' });
  t.is(reading.error, null);
  t.deepEqual(cellsOf(reading), [['a,;|\t ~', '1']]);
});

test('cells may be divided by semicolons', delimited, ';', 'u;n\n"a,;|\t ~";1\n');
test('cells may be divided by bars', delimited, '|', 'u|n\n"a,;|\t ~"|1\n');
test('cells may be divided by tabs', delimited, 'tab', 'u\tn\n"a,;|\t ~"\t1\n');
test('cells may be divided by any character', delimited, '~', 'u~n\n"a,;|\t ~"~1\n');
test('cells may be divided by spaces', delimited, ' ', 'u n\n"a,;|\t ~" 1\n');

test('a row comes when its line has ended, without waiting for the next', async (t) => {
  const stream = new PassThrough();
  const source = streamSource(stream, 'standard input');
  const state = new ReadState();
  const rows = readRows([source], readOptions(), state);
  const urls: string[] = [];
  const reading = (async () => {
    for await (const batch of rows) urls.push(...batch.map(({ url }) => url));
  })();
  stream.write('url\nhttps://a.example/\n');
  // Everything available is passed on within a few turns; in the others nothing happens.
  for (let turns = 0; turns < 200; turns++) await turn();
  const early = [...urls];
  stream.end('https://b.example/\n');
  await reading;
  t.deepEqual(early, ['https://a.example/']);
  t.deepEqual(urls, ['https://a.example/', 'https://b.example/']);
});
