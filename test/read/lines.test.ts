import test from 'ava';

import { cellsOf, piecesOf, readAll, sourceOf } from '../helpers/reading.ts';
import { LineScanner } from '../../src/read/lines.ts';

const gives = test.macro(async (t, content: string, expected: readonly string[]) => {
  const reading = await readAll(sourceOf(content), { inputFormat: 'lines' });
  t.is(reading.error, null);
  t.deepEqual(
    cellsOf(reading),
    expected.map((line) => [line]),
  );
});

test('a line is a cell', gives, 'a.org\nb.org\n', ['a.org', 'b.org']);
test('a URL may hold commas', gives, 'https://a.org/1,2;3|4\tx\n', ['https://a.org/1,2;3|4\tx']);
test('a URL may hold quotes', gives, 'https://a.org/"x"\n"b.org"\n', ['https://a.org/"x"', '"b.org"']);
test('a line keeps its spaces', gives, ' a.org \n', [' a.org ']);
test('lines may end with CR, LF and CRLF', gives, 'a\rb\nc\r\nd\n\re', ['a', 'b', 'c', 'd', 'e']);
test('the last line may end with CR', gives, 'a\rb\r', ['a', 'b']);
test('the last line may lack its end', gives, 'a\nb', ['a', 'b']);
test('blank lines are no records', gives, '\n\r\na\n\n  \n\t\nb\n\n', ['a', 'b']);
test('other separators of Unicode end no line', gives, 'a\u2028b\u0085c\n', ['a\u2028b\u0085c']);
test('a mark further on stays', gives, 'a\n\ufeffb\n', ['a', '\ufeffb']);

const numbered = test.macro((t, content: string, expected: readonly (readonly [string, number])[]) => {
  const bytes = Buffer.from(content);
  for (let size = 1; size <= bytes.length; size++) {
    const scanner = new LineScanner(null);
    const lines = piecesOf(bytes, size).flatMap((piece) => scanner.scan(piece));
    const all = [...lines, ...scanner.end()];
    t.deepEqual(
      all.filter(({ text }) => text.trim() !== '').map(({ text, number }) => [text, number] as const),
      expected,
      `pieces of ${size}`,
    );
    t.is(all.map(({ text, end }) => text + end).join(''), content);
  }
});

test('lines are numbered whatever the pieces', numbered, 'a\nb\nc', [
  ['a', 1],
  ['b', 2],
  ['c', 3],
]);
test('a CRLF that is cut in two is one line end', numbered, 'a\r\nb\r\n\r\nc\r\n', [
  ['a', 1],
  ['b', 2],
  ['c', 4],
]);
test('a CR at the end of a piece ends a line', numbered, 'a\rb\r\rc\r', [
  ['a', 1],
  ['b', 2],
  ['c', 4],
]);
test('blank lines count', numbered, '\n\na\n  \nb', [
  ['a', 3],
  ['b', 5],
]);
test('a mark at the beginning is a character here', numbered, '\ufeffa\nb', [
  ['\ufeffa', 1],
  ['b', 2],
]);
test('characters that are cut in two come whole', numbered, 'é€\n😀\n', [
  ['é€', 1],
  ['😀', 2],
]);

const longest = test.macro(async (t, start: string, inputFormat: 'lines' | 'jsonl') => {
  const piece = Buffer.alloc(2 ** 20, 'x');
  const end = Buffer.from(`\n${start}`);
  const pieces = [Buffer.from(start), ...Array.from({ length: 20 }, () => piece), end];
  const { error, rows } = await readAll(sourceOf(pieces, 'in'), { inputFormat });
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => [row.url, row.error, row.detail]),
    [
      ['https://a.org', null, ''],
      ['', 'bad-row', 'line 2 is longer than 16 MiB'],
      ['https://a.org', null, ''],
    ],
  );
});

test('a line over 16 MiB is a bad row', longest, 'https://a.org\n', 'lines');
test('an object over 16 MiB is one too', longest, '{"url":"https://a.org"}\n', 'jsonl');

test('a line without an end is not held', (t) => {
  const scanner = new LineScanner(null);
  const piece = Buffer.alloc(2 ** 16, 'x');
  for (let i = 0; i < 1000; i++) t.deepEqual(scanner.scan(piece), []);
  t.true(scanner.held < 2 ** 17, `${scanner.held} bytes are held`);
  const [line] = scanner.scan(Buffer.from('\r\n'));
  t.like(line, { number: 1, isCut: true, end: '\r\n' });
  t.deepEqual(scanner.end(), []);
});

test('a CR at the end of a piece of a line without an end is kept', (t) => {
  const scanner = new LineScanner(null);
  const piece = Buffer.from(`${'x'.repeat(2 ** 16 - 1)}\r`);
  for (let i = 0; i < 300; i++) scanner.scan(Buffer.alloc(2 ** 16, 'x'));
  t.deepEqual(scanner.scan(piece), []);
  t.like(scanner.scan(Buffer.from('\na\r')), [{ number: 1, isCut: true, end: '\r\n' }]);
  t.deepEqual(scanner.scan(Buffer.from('b\n')), [
    { text: 'a', end: '\r', number: 2, isCut: false, start: 301 * 2 ** 16 + 1 },
    { text: 'b', end: '\n', number: 3, isCut: false, start: 301 * 2 ** 16 + 3 },
  ]);
});

test('a long line costs its length, not the square of it', (t) => {
  const scanner = new LineScanner(null);
  const piece = Buffer.from('xy');
  // Searching the whole line again for each piece would take hours.
  for (let i = 0; i < 500_000; i++) scanner.scan(piece);
  t.is(scanner.end()[0]?.text.length, 1_000_000);
});
