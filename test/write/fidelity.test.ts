import test from 'ava';
import { parse } from 'csv-parse/sync';

import { urlmill } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { converted } from './samples.ts';

/** CSV with every cell quoted, so that nothing about a cell is ambiguous. */
function quoted(records: readonly (readonly string[])[], delimiter = ','): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter);
  return records.map((cells) => `${line(cells)}\n`).join('');
}

/** Reads like the strictest readers: outside of quotes, any of the three line ends closes a record. */
function recordsOf(csv: string, delimiter = ','): string[][] {
  return parse(csv, { delimiter, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] });
}

const url = 'mailto:a@example.org';
const width = 3;

const comesBack = test.macro({
  exec: async (t, cell: string) => {
    const records = [
      ['id', 'url', 'text'],
      ['1', url, cell],
      [cell, url, '2'],
      ['3', url, `${cell}${cell}`],
    ];
    for (const delimiter of [',', '\t']) {
      const output = await converted(
        quoted(records, delimiter),
        { urlColumn: 'url', delimiter },
        { outputFormat: delimiter === ',' ? 'csv' : 'tsv' },
      );
      const own = recordsOf(output, delimiter).map((cells) => cells.slice(0, width));
      t.deepEqual(own, records);
    }
  },
  title: (what) => `${what} comes back as it was, as CSV and as TSV`,
});

test('nothing', comesBack, '');
test('a space', comesBack, ' ');
test('spaces around', comesBack, '  a b  ');
test('a comma', comesBack, 'a,b');
test('commas alone', comesBack, ',,');
test('a tab', comesBack, 'a\tb');
test('a semicolon', comesBack, 'a;b');
test('a lone quote', comesBack, '"');
test('a quote at the start', comesBack, '"a');
test('a quote within', comesBack, 'a"b');
test('quotes around', comesBack, '"a"');
test('two quotes', comesBack, '""');
test('a quote and a comma', comesBack, '","');
test('LF', comesBack, 'a\nb');
test('LF alone', comesBack, '\n');
test('CR', comesBack, 'a\rb');
test('CR at the end', comesBack, 'a\r');
test('CRLF', comesBack, 'a\r\nb');
test('LF and CR', comesBack, 'a\n\rb');
test('a byte order mark', comesBack, '\ufeffa');
test('text of many scripts', comesBack, 'Größe 大きさ размер 🇪🇺👩‍👩‍👧 e\u0301');
test('characters beyond the first plane', comesBack, '\u{1d11e}\u{10ffff}');
test('spaces that are none', comesBack, '\u00a0a\u2003\u200b');
test('control characters', comesBack, '\u0001\u001b[31m\u007f\u0085\u2028');
test('a formula', comesBack, '=1+1');
test('a comment mark', comesBack, '#a');
test('a backslash', comesBack, 'a\\"b\\n');
test('what looks like a number', comesBack, '007');
test('what looks like a large number', comesBack, '12345678901234567890');
test('what looks like nothing', comesBack, 'null');
test('a long text', comesBack, 'x,"\n'.repeat(20_000));

/** A pseudo-random generator, the same in every run (Park and Miller). */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 48_271) % 0x7fffffff;
    yield state;
  }
}

test('any mixture of what is special comes back as it was', async (t) => {
  const alphabet = [
    'a',
    ',',
    '"',
    '\n',
    '\r',
    '\t',
    ' ',
    ';',
    '|',
    'é',
    '\u{1f600}',
    '\ufeff',
    "'",
    '\\',
    '',
  ];
  const random = numbers(20_240_229);
  const next = (below: number): number => (random.next().value as number) % below;
  const cell = (): string =>
    Array.from({ length: next(6) }, () => alphabet[next(alphabet.length)] ?? '').join('');
  const records = Array.from({ length: 3000 }, (_, i) => [cell(), i % 2 === 0 ? url : `${url}${i}`, cell()]);
  const output = await converted(quoted([['a', 'url', 'b'], ...records]), { urlColumn: 'url' });
  t.deepEqual(
    recordsOf(output)
      .slice(1)
      .map((cells) => cells.slice(0, width)),
    records,
  );
});

test('an output that is read and written again has the same cells', async (t) => {
  const first = await converted(
    quoted([
      ['id', 'url', 'text'],
      ['\r', url, 'a"\n,b\r\nc'],
    ]),
  );
  const second = await converted(first);
  t.deepEqual(
    recordsOf(second).map((cells) => cells.slice(0, width)),
    recordsOf(first).map((cells) => cells.slice(0, width)),
  );
});

test('a byte order mark that belongs to the first name is not taken for that of the file', async (t) => {
  const output = await converted(
    `\ufeff${quoted([
      ['\ufeffid', 'url'],
      ['1', url],
    ])}`,
  );
  t.false(output.startsWith('\ufeff'));
  t.is(recordsOf(output)[0]?.[0], '\ufeffid');
});

test('the command gives cells back as they were', async (t) => {
  const records = [
    ['id', 'url', 'text'],
    ['1', url, 'a"b,c\r\nd\re\nf\tg'],
    ['', url, '\ufeff ü '],
  ];
  const cwd = await temporaryFolder(t, { 'in.csv': quoted(records) });
  const { stdout } = await urlmill(['-q', 'in.csv'], { cwd });
  t.deepEqual(
    recordsOf(stdout).map((cells) => cells.slice(0, width)),
    records,
  );
});
