import test from 'ava';

import { cellsOf, piecesOf, readAll, sourceOf } from '../helpers/reading.ts';
import { OpenLine, nonBlankLines } from '../../src/read/lines.ts';
import type { Line } from '../../src/read/lines.ts';

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

async function linesOf(pieces: readonly Buffer[]): Promise<Line[]> {
  const lines: Line[] = [];
  async function* stream(): AsyncGenerator<Buffer> {
    yield* pieces;
  }
  for await (const batch of nonBlankLines(stream(), 'in')) lines.push(...batch);
  return lines;
}

const numbered = test.macro(async (t, content: string, expected: readonly (readonly [string, number])[]) => {
  const bytes = Buffer.from(content);
  const lines = expected.map(([text, number]) => ({ text, number }));
  for (let size = 1; size <= bytes.length; size++) {
    t.deepEqual(await linesOf(piecesOf(bytes, size)), lines, `pieces of ${size}`);
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
  const pieces = [Buffer.from(start), ...Array.from({ length: 20 }, () => piece)];
  const { error, rows } = await readAll(sourceOf(pieces, 'in'), { inputFormat });
  t.is(rows.length, 1);
  t.like(error, { name: 'InputError' });
  t.regex((error as Error).message, /^in: line 2: .*16 MiB/);
});

test('a line over 16 MiB is refused as a record of CSV is', longest, 'https://a.org\n', 'lines');
test('an object over 16 MiB is refused as well', longest, '{"url":"a.org"}\n{"url":"', 'jsonl');

test('a line comes in however many pieces', (t) => {
  const open = new OpenLine();
  for (let i = 0; i < 500; i++) t.deepEqual(open.add('xä\r'), i === 0 ? [] : ['xä']);
  t.is(open.length, 3);
  t.deepEqual(open.add('\ny'), ['xä']);
  t.is(open.end(), 'y');
  t.is(open.length, 0);
});

test('a long line costs its length, not the square of it', (t) => {
  const open = new OpenLine();
  // To look through all of it with each piece would take hours.
  for (let i = 0; i < 1_000_000; i++) open.add('xy');
  t.is(open.end().length, 2_000_000);
});
