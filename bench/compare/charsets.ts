import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

import type * as Jschardet from 'jschardet';

import { decodeText, encodingOf, loadEncodings } from '../../src/page/encodings.ts';
import { guessedEncoding } from '../../src/page/guess.ts';
import { inTurn } from '../in-turn.ts';
import { chromiumOracle } from './chromium-oracle.ts';
import { encodedPage, encodings, pagesOf, shortened } from './encoded-pages.ts';
import type { EncodedPage } from './encoded-pages.ts';

/**
 * How often the encoding of an undeclared page is guessed right by us, by libraries and by Chromium. UTF-8
 * pages are converted to the encodings once used for their language; a guess is right if decoding with it
 * gives the same text.
 */

interface Guesser {
  readonly name: string;
  readonly guess: (body: Buffer) => string | null | Promise<string>;
}

interface Row {
  readonly title: string;
  readonly pages: number;
  /** Number of right guesses, by the guesser's name. */
  readonly right: ReadonlyMap<string, number>;
}

const require = createRequire(import.meta.url);
const { detect } = require('jschardet') as typeof Jschardet;
const times = new Map<string, number>();

function guessers(): Guesser[] {
  const ours: Guesser[] = [
    { name: 'urlmill', guess: guessedEncoding },
    { name: 'jschardet', guess: (body) => detect(body).encoding },
  ];
  try {
    const chardet = require('chardet') as { detect: (body: Buffer) => string | null };
    return [...ours, { name: 'chardet', guess: (body) => chardet.detect(body) }];
  } catch {
    console.error('chardet is left out: npm install --no-save chardet@2.2.0');
    return ours;
  }
}

/** Names that libraries use, and the web encoding that is meant or that has all characters of it. */
const names: Readonly<Record<string, string>> = {
  gb18030: 'GBK',
  cp932: 'Shift_JIS',
  shift_jis_2004: 'Shift_JIS',
  'euc-jis-2004': 'EUC-JP',
  'iso2022-jp-2': 'ISO-2022-JP',
  big5hkscs: 'Big5',
  cp949: 'EUC-KR',
  cp874: 'windows-874',
};

async function isRight({ name, guess }: Guesser, { body, text }: EncodedPage): Promise<boolean> {
  const start = process.cpuUsage();
  const given = ((await guess(body)) ?? '').toLowerCase();
  const { user, system } = process.cpuUsage(start);
  times.set(name, (times.get(name) ?? 0) + user + system);
  return decodeText(body, names[given] ?? encodingOf(given) ?? 'windows-1252') === text;
}

async function rowOf(title: string, pages: readonly EncodedPage[], rivals: readonly Guesser[]): Promise<Row> {
  const right = new Map(rivals.map(({ name }) => [name, 0]));
  for await (const page of inTurn(pages)) {
    for await (const rival of inTurn(rivals)) {
      if (await isRight(rival, page)) right.set(rival.name, (right.get(rival.name) ?? 0) + 1);
    }
  }
  return { title, pages: pages.length, right };
}

function sumOf(title: string, rows: readonly Row[]): Row {
  const total = (of: (row: Row) => number): number => rows.reduce((sum, row) => sum + of(row), 0);
  const [{ right } = { right: new Map<string, number>() }] = rows;
  return {
    title,
    pages: total(({ pages }) => pages),
    right: new Map([...right.keys()].map((name) => [name, total((row) => row.right.get(name) ?? 0)])),
  };
}

function line(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function print(rows: readonly Row[], rivals: readonly Guesser[]): void {
  line(['encoding', 'pages', ...rivals.map(({ name }) => `${name} %`)]);
  line(['---', ...rivals.map(() => '--:'), '--:']);
  for (const { title, pages, right } of rows) {
    const shares = [...right.values()].map((count) => ((100 * count) / pages).toFixed(1));
    line([title, String(pages), ...shares]);
  }
}

async function compare(folder: string, sample: number, rivals: readonly Guesser[]): Promise<void> {
  const whole: Row[] = [];
  const short: Row[] = [];
  for await (const [language, legacy] of inTurn(Object.entries(encodings))) {
    const pages = await pagesOf(folder, language, sample);
    for await (const encoding of inTurn(legacy)) {
      const encoded = (texts: readonly string[]): EncodedPage[] =>
        texts.map((text) => encodedPage(text, encoding)).filter((page) => page !== null);
      const title = `${encoding} (${language})`;
      whole.push(await rowOf(title, encoded(pages), rivals));
      short.push(await rowOf(`${title}, short`, encoded(pages.map(shortened)), rivals));
    }
  }
  const rows = [...whole, sumOf('**all**', whole), ...short, sumOf('**all, short**', short)];
  print(
    rows.filter(({ pages }) => pages > 0),
    rivals,
  );
  const count = sumOf('', [...whole, ...short]).pages;
  for (const [name, time] of times)
    console.log(`\n${name}: ${Math.round(time / count)} µs of our CPU a page`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'string', default: '20' }, chromium: { type: 'boolean', default: false } },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: charsets.js DIR [--sample N] [--chromium]');
  process.exitCode = 2;
} else {
  await loadEncodings();
  const browser = values.chromium ? await chromiumOracle() : null;
  let count = 0;
  const guess = async (body: Buffer): Promise<string> => {
    const url = `http://pages.example/${++count}`;
    return (await browser?.values({ body, html: '', url }))?.charset ?? '';
  };
  await compare(folder, Number(values.sample), [
    ...guessers(),
    ...(browser === null ? [] : [{ name: 'Chromium', guess }]),
  ]);
  await browser?.close();
}
