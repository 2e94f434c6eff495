import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Rows that need no network, because their URLs are refused. */
function rows(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => `${from + i},mailto:a@example.org\n`).join('');
}

const unreadable = test.macro({
  exec: async (t, name: string, content: string | Buffer | null, message: RegExp) => {
    const cwd = await temporaryFolder(t, {
      ...(content === null ? {} : { [name]: content }),
      'folder/a': '',
    });
    const { code, stdout, stderr } = await urlmill([name], { cwd });
    t.regex(stderr, message);
    t.regex(stderr, /^urlmill: [^\n]+\n$/);
    t.is(stdout, '');
    t.is(code, 3);
  },
  title: (what) => `${what} ends with code 3`,
});

test('a missing file', unreadable, 'missing.csv', null, /missing\.csv: there is no such file/);
test('a folder', unreadable, 'folder', null, /folder: is a directory/);
test('an empty file', unreadable, 'empty.csv', '', /empty\.csv: is empty; a header line is needed/);
test('a file of blank lines', unreadable, 'blank.csv', ' \n\r\n\n', /blank\.csv: is empty/);
test('a file of a byte order mark', unreadable, 'mark.csv', '\ufeff', /mark\.csv: is empty/);
test('a packed file of nothing', unreadable, 'a.csv.gz', gzipSync(''), /a\.csv\.gz: is empty/);
test(
  'a spreadsheet',
  unreadable,
  'a.xlsx',
  Buffer.from('PK\x03\x04rest'),
  /zip archive or spreadsheet; save/,
);

test('an empty standard input ends with code 3', async (t) => {
  const { code, stderr } = await urlmill([], { cwd: await temporaryFolder(t), input: '' });
  t.regex(stderr, /^urlmill: standard input: is empty; [^\n]+\n$/);
  t.is(code, 3);
});

test('a missing file among others ends the run before the first request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, { 'a.csv': `id,url\n1,${server.url}\n` });
  const { code, stdout } = await urlmill(['a.csv', 'b.csv'], { cwd });
  t.is(stdout, '');
  t.is(server.requests.length, 0);
  t.is(code, 3);
});

test('files whose headers differ end the run before the first request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const row = `1,${server.url}\n`;
  const cwd = await temporaryFolder(t, { 'a.csv': `id,url\n${row}`, 'b.csv': `nr,url\n${row}` });
  const { code, stdout, stderr } = await urlmill(['a.csv', 'b.csv'], { cwd });
  t.regex(stderr, /^urlmill: b\.csv: its columns \(nr, url\) are not those of a\.csv \(id, url\)\n$/);
  t.is(stdout, '');
  t.is(server.requests.length, 0);
  t.is(code, 3);
});

/** The fault costs one row, and the run goes on. */
const costsARow = test.macro({
  exec: async (t, name: string, content: string | Buffer, message: RegExp) => {
    const cwd = await temporaryFolder(t, { [name]: content });
    const { code, stdout, stderr } = await urlmill(['--progress', 'never', '--ordered', name], { cwd });
    t.deepEqual(
      csvObjects(stdout).map(({ fetch_error: error }) => error),
      ['unsupported-scheme', 'unsupported-scheme', 'bad-row', 'unsupported-scheme'],
    );
    t.regex(stderr, message);
    t.regex(
      stderr,
      /^urlmill: [^\n]+ \(such rows are bad-row, and the run goes on\)\nurlmill: 4 rows [^\n]+\n$/,
    );
    t.is(code, 0);
  },
  title: (what) => `${what} costs its row`,
});

test(
  'a quote that never closes',
  costsARow,
  'a.csv',
  `id,url\n${rows(1, 2)}"3,mailto:a\n${rows(4, 4)}`,
  /a\.csv: line 4 opens a quote that is never closed; close or double it/,
);
test(
  'a byte that is not UTF-8',
  costsARow,
  'a.csv',
  Buffer.concat([
    Buffer.from(`id,url\n${rows(1, 2)}3,`),
    Buffer.from([0xe4]),
    Buffer.from(`\n${rows(4, 4)}`),
  ]),
  /a\.csv: line 4 is not UTF-8 \(byte 3 of the line is 0xE4\); name its encoding, perhaps --encoding windows-1252/,
);
test(
  'a line that is no JSON',
  costsARow,
  'a.jsonl',
  '{"id":1,"url":"mailto:a"}\n{"id":2,"url":"mailto:a"}\n{"id":3,\n{"id":4,"url":"mailto:a"}\n',
  /a\.jsonl: line 3 is not a JSON object \(.+\); mend or remove it/,
);

test('a header that is not UTF-8 ends the run before the first request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, { 'a.csv': Buffer.from(`url,\xe4\n${server.url},1\n`, 'latin1') });
  const { code, stdout, stderr } = await urlmill(['a.csv'], { cwd });
  t.is(
    stderr,
    'urlmill: a.csv: line 1 is not UTF-8 (byte 5 of the line is 0xE4); name its encoding, perhaps --encoding windows-1252\n',
  );
  t.is(stdout, '');
  t.is(server.requests.length, 0);
  t.is(code, 3);
});

test('a packed file that is cut off ends with code 3 and the rows before it are written', async (t) => {
  const count = 20_000;
  // Random text compresses badly, so that many rows are read before the file breaks off.
  const lines = Array.from(
    { length: count },
    (_, i) => `${i + 1},mailto:${randomBytes(20).toString('hex')}\n`,
  );
  const packed = gzipSync(`id,url\n${lines.join('')}`);
  const cwd = await temporaryFolder(t, { 'a.csv.gz': packed.subarray(0, packed.length / 2) });
  const { code, stdout, stderr } = await urlmill(['a.csv.gz'], { cwd });
  const ids = csvObjects(stdout).map(({ id }) => Number(id));
  t.true(ids.length > count / 4 && ids.length < count, `${ids.length} rows`);
  t.deepEqual(
    ids,
    Array.from({ length: ids.length }, (_, i) => i + 1),
  );
  t.regex(stderr, /^urlmill: a\.csv\.gz: the compressed data is cut off [^\n]+\n$/);
  t.is(code, 3);
});

test('a packed file whose check sum is wrong ends with code 3', async (t) => {
  const packed = gzipSync(`id,url\n${rows(1, 9)}`);
  packed.fill(0, packed.length - 8, packed.length - 4);
  const { code, stderr } = await urlmill(['a.csv.gz'], {
    cwd: await temporaryFolder(t, { 'a.csv.gz': packed }),
  });
  t.regex(stderr, /^urlmill: a\.csv\.gz: the compressed data is damaged [^\n]+\n$/);
  t.is(code, 3);
});

test('with -o what was written before the fault stays in FILE.part, and FILE as it was', async (t) => {
  const broken = Buffer.concat([gzipSync(`id,url\n${rows(1, 3)}`), Buffer.from('junk')]);
  const cwd = await temporaryFolder(t, { 'a.csv': broken, 'out.csv': 'old\n' });
  const { code, stdout } = await urlmill(['-o', 'out.csv', 'a.csv'], { cwd });
  t.is(stdout, '');
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
  t.is(csvObjects(await readFile(join(cwd, 'out.csv.part'), 'utf8')).length, 3);
  t.is(code, 3);
});

test('an input without a row leaves no file behind', async (t) => {
  const cwd = await temporaryFolder(t, { 'a.csv': '' });
  const { code } = await urlmill(['-o', 'out.csv', 'a.csv'], { cwd });
  t.deepEqual(await readdir(cwd), ['a.csv']);
  t.is(code, 3);
});

test('a fault before the first row leaves neither a header nor a file', async (t) => {
  const broken = Buffer.concat([gzipSync('id,url\n'), Buffer.from('junk')]);
  const cwd = await temporaryFolder(t, { 'a.csv': broken });
  const toStream = await urlmill(['a.csv'], { cwd });
  t.is(toStream.stdout, '');
  t.is(toStream.code, 3);
  const toFile = await urlmill(['-o', 'out.csv', 'a.csv'], { cwd });
  t.deepEqual(await readdir(cwd), ['a.csv']);
  t.is(toFile.code, 3);
});
