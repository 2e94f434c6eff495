import { isUtf8 } from 'node:buffer';

import test from 'ava';
import { parse } from 'csv-parse/sync';

import { cutAnywhere, drawn, randomNumbers } from '../helpers/random.ts';
import { cellsOf, readAll, sourceOf } from '../helpers/reading.ts';
import type { Reading } from '../helpers/reading.ts';
import { decodeWithRawBytes, encodeWithRawBytes } from '../../src/shared/raw-bytes.ts';

const ends = ['\n', '\r\n', '\r'];
const characters = ['a', 'b', ',', ',', '"', '"', '""', 'é', '😀', ' ', '\n', '\n', '\r\n', '\r', '\n\n'];

function outcome({ rows, error }: Reading): unknown {
  return { rows: rows.map(({ cells, detail }) => [cells, detail]), error };
}

function hasFault({ rows, error }: Reading): boolean {
  return error !== null || rows.some(({ detail }) => detail.startsWith('line'));
}

/** Surplus cells are not given back if all of them are empty. */
function withoutSurplus(cells: readonly string[]): readonly string[] {
  return cells.slice(2).every((cell) => cell === '') ? cells.slice(0, 2) : cells;
}

test('any cells that are quoted come back, however the bytes are cut', async (t) => {
  const below = randomNumbers(7);
  const table = Array.from({ length: 400 }, () =>
    Array.from({ length: 3 }, () => drawn(below, characters, below(6)).join('')),
  );
  const lines = table.map(
    (cells) =>
      cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',') + drawn(below, ends, 1).join(''),
  );
  const bytes = Buffer.from('u,n,m\n' + lines.join(''));
  for (let round = 0; round < 20; round++) {
    const pieces = cutAnywhere(below, bytes, round < 10 ? 5 : 500);
    const reading = await readAll(sourceOf(pieces), { inputFormat: 'csv', urlColumn: 'u' });
    t.is(reading.error, null);
    t.deepEqual(cellsOf(reading), table, `round ${round}`);
  }
});

test('any text is read alike, however the bytes are cut', async (t) => {
  const below = randomNumbers(11);
  let bad = 0;
  for (let round = 0; round < 400; round++) {
    const text = 'u,n\n' + drawn(below, characters, below(40)).join('');
    const said = { inputFormat: 'csv', urlColumn: 'u' } as const;
    const whole = await readAll(sourceOf(text), said);
    if (hasFault(whole)) bad++;
    for (let cuts = 0; cuts < 8; cuts++) {
      const pieces = cutAnywhere(below, Buffer.from(text), 1 + below(6));
      t.deepEqual(
        outcome(await readAll(sourceOf(pieces), said)),
        outcome(whole),
        JSON.stringify(pieces.map(String)),
      );
    }
  }
  t.true(bad > 100 && bad < 300, `${bad} texts had a fault`);
});

test('any text without fault gives the records of csv-parse', async (t) => {
  const below = randomNumbers(13);
  let compared = 0;
  for (let round = 0; round < 400; round++) {
    const text = 'u,n\n' + drawn(below, characters, below(40)).join('');
    const reading = await readAll(sourceOf(text), { inputFormat: 'csv', urlColumn: 'u' });
    // csv-parse takes a quote after a space for an ordinary character.
    if (hasFault(reading) || text.includes(' "')) continue;
    compared++;
    const records: string[][] = parse(text, {
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    t.deepEqual(cellsOf(reading), records.slice(1).map(withoutSurplus), JSON.stringify(text));
  }
  t.true(compared > 100);
});

/** Counts line by line and character by character: slow, but independent of the tested code. */
function placeOf(before: string): { line: number; byte: number } {
  const lines = before.split(/\r\n|\n|\r/);
  return { line: lines.length, byte: Buffer.byteLength(lines.at(-1) ?? '') + 1 };
}

test('any byte that is not UTF-8 is named by its line and place, however the bytes are cut', async (t) => {
  const below = randomNumbers(17);
  const letters = ['a', 'é', '€', '😀', ' ', '\n', '\r\n', '\r'];
  const broken = ['ff', '80', 'c3', 'e282', 'f09f98', 'c0af', 'eda080', 'f5808080', 'e9'];
  for (let round = 0; round < 400; round++) {
    const before = 'u\n' + drawn(below, letters, below(20)).join('');
    // An incomplete character must not be continued by the bytes after it, so these begin with a letter.
    const behind = below(3) === 0 ? '' : 'x' + drawn(below, letters, below(10)).join('');
    const bad = Buffer.from(drawn(below, broken, 1).join(''), 'hex');
    const bytes = Buffer.concat([Buffer.from(before), bad, Buffer.from(behind)]);
    const { rows, error } = await readAll(sourceOf(cutAnywhere(below, bytes, 1 + below(9)), 'in'), {
      inputFormat: 'lines',
    });
    t.is(error, null);
    // A CR before the byte is itself a line end.
    const { line, byte } = placeOf(before);
    const hex = bad.toString('hex', 0, 1).toUpperCase();
    t.deepEqual(
      rows.flatMap(({ detail }) => (detail.startsWith('line') ? [detail] : [])),
      [`line ${line} is not UTF-8 (byte ${byte} of the line is 0x${hex})`],
    );
  }
});

test('any bytes come back, valid or not', (t) => {
  const below = randomNumbers(23);
  const kinds = [0x41, 0x80, 0xbf, 0xc2, 0xc3, 0xe0, 0xa9, 0xed, 0xa0, 0xf0, 0x9f, 0xf4, 0x90, 0xff, 0x0a];
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(Array.from({ length: below(12) }, () => kinds[below(kinds.length)] ?? 0));
    const text = decodeWithRawBytes(bytes);
    t.deepEqual(encodeWithRawBytes(text), bytes);
    t.is(text.isWellFormed(), isUtf8(bytes));
    t.is(text.replaceAll(/[\udc80-\udcff]+/gu, '').isWellFormed(), true);
  }
});

test('any lines come back with any line ends, however the bytes are cut', async (t) => {
  const below = randomNumbers(19);
  const letters = ['a', ',', '"', 'é', '😀', '\ufeff', '\u2028'];
  for (let round = 0; round < 200; round++) {
    const lines = Array.from({ length: 1 + below(8) }, () => drawn(below, letters, 1 + below(4)).join(''));
    const text = lines.map((line) => line + drawn(below, ends, 1 + below(3)).join('')).join('');
    const pieces = cutAnywhere(below, Buffer.from('x\n' + text), 1 + below(6));
    const reading = await readAll(sourceOf(pieces), { inputFormat: 'lines' });
    t.is(reading.error, null);
    t.deepEqual(cellsOf(reading).flat(), ['x', ...lines.filter((line) => line.trim() !== '')]);
  }
});
